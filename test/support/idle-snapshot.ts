import type { ConsumerSnapshot } from '../../src/core/intake/consumer-snapshot.ts';

/** A consumer that consumes, and holds nothing. */
export const IDLE: ConsumerSnapshot = {
  state: 'consuming',
  pauses: [],
  heldMessages: 0,
  heldFiles: 0,
  filesByLane: { songs: 0, logs: 0, ignored: 0 },
  oldestHeldAtMs: null,
  oldestPutHeldAtMs: null,
  lastReceiveWasEmpty: true,
  receivers: 1,
  receiveUnderWaySinceMs: null,
  loadInFlight: null,
  batchesWaiting: 0,
  rest: null,
  lastCommitAtMs: null,
};
