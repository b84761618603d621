/**
 * Messages that a consumer holds until its first load has committed, at most. A load that kills the process, or a setting
 * that stops every load, is met again at each restart: only so few messages burn a receive each time, not a whole queue.
 */
const BEFORE_FIRST_LOAD = 10;

/**
 * Unreadable messages on their way to the dead-letter queue, at most: each may have a megabyte, and a dead-letter queue that
 * does not answer holds each for a minute.
 */
const PARKING_MAX = 40;

/**
 * How many more messages may be received. A message carries a file at least, or it is finished at once and takes no room:
 * whoever holds ten messages has files to load, whose commit makes the room wider.
 *
 * @param held files that wait for their commit, messages that wait for such files, and messages that are being parked.
 * @returns 0 or less: none.
 */
export function intakeRoom(
  held: { readonly heldFiles: number; readonly heldMessages: number; readonly parking: number },
  limits: { readonly maxHeldFiles: number; readonly hasLoaded: boolean },
): number {
  if (held.parking >= PARKING_MAX) return 0;
  const files = limits.maxHeldFiles - held.heldFiles;
  return limits.hasLoaded ? files : Math.min(files, BEFORE_FIRST_LOAD - held.heldMessages);
}
