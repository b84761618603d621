/** How long the service waits for S3, SQS and the warehouse: the same limits for all clients and calls. */
export type Bounds = {
  /** Until the connection is open. */
  readonly connectMs: number;
  /** From the end of the request to the first byte of the response, plus the wait time of a long poll. */
  readonly firstAnswerMs: number;
  /** Length of a second of a long poll or a lease, for tests that scale time. */
  readonly peerSecondMs: number;
  /** Without a byte, while this side waits for one. */
  readonly silenceMs: number;
  /** Total wait of one transfer, plus the time that its bytes may take. */
  readonly transferMs: number;
  /** Minimum speed of a transfer. */
  readonly bytesPerSecond: number;
  /** Until a missing answer is visible: as a pause with its reason, a warning, or the end of the command. */
  readonly toldWithinMs: number;
};

export const BOUNDS: Bounds = {
  connectMs: 5_000,
  firstAnswerMs: 10_000,
  peerSecondMs: 1_000,
  silenceMs: 15_000,
  transferMs: 30_000,
  bytesPerSecond: 256 * 1024,
  toldWithinMs: 60_000,
};

/** The same bounds with all times multiplied by `factor`. */
export function scaledBounds(factor: number): Bounds {
  return {
    connectMs: BOUNDS.connectMs * factor,
    firstAnswerMs: BOUNDS.firstAnswerMs * factor,
    peerSecondMs: BOUNDS.peerSecondMs * factor,
    silenceMs: BOUNDS.silenceMs * factor,
    transferMs: BOUNDS.transferMs * factor,
    bytesPerSecond: BOUNDS.bytesPerSecond / factor,
    toldWithinMs: BOUNDS.toldWithinMs * factor,
  };
}

/** The time that these bytes may take, in ms. */
export function bytesMs(bytes: number, { bytesPerSecond }: Bounds): number {
  return (bytes / bytesPerSecond) * 1000;
}
