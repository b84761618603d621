/** How long the service waits for whoever it asks: one value for all clients and all calls. */
export type Bounds = {
  /** Until there is a connection. */
  readonly connectMs: number;
  /** From the end of the request to the beginning of the answer, beside the wait that a long poll asks for. */
  readonly firstAnswerMs: number;
  /** What a second of a long poll lasts. */
  readonly longPollSecondMs: number;
  /** Without a byte of a transfer, while this side waits for one. */
  readonly silenceMs: number;
  /** All waiting of one transfer, beside what its bytes may take. */
  readonly transferMs: number;
  /** The slowest peer that is not given up. */
  readonly bytesPerSecond: number;
  /** Until a person or a probe can see that there is no answer: a pause with its reason, a warning, or the end of a command. */
  readonly toldWithinMs: number;
};

export const BOUNDS: Bounds = {
  connectMs: 5_000,
  firstAnswerMs: 10_000,
  longPollSecondMs: 1_000,
  silenceMs: 15_000,
  transferMs: 30_000,
  bytesPerSecond: 256 * 1024,
  toldWithinMs: 60_000,
};

/** The same bounds in another time: with a hundredth everything ends after a hundredth. */
export function scaledBounds(factor: number): Bounds {
  return {
    connectMs: BOUNDS.connectMs * factor,
    firstAnswerMs: BOUNDS.firstAnswerMs * factor,
    longPollSecondMs: BOUNDS.longPollSecondMs * factor,
    silenceMs: BOUNDS.silenceMs * factor,
    transferMs: BOUNDS.transferMs * factor,
    bytesPerSecond: BOUNDS.bytesPerSecond / factor,
    toldWithinMs: BOUNDS.toldWithinMs * factor,
  };
}

/** What so many bytes may take. */
export function bytesMs(bytes: number, { bytesPerSecond }: Bounds): number {
  return (bytes / bytesPerSecond) * 1000;
}
