/**
 * Maximum number of held messages until the first load has committed. A file that crashes the process, or a setting that stops
 * every load, fails again at each restart: this limits how many messages use up a receive each time.
 */
const BEFORE_FIRST_LOAD = 10;

/**
 * Maximum number of unreadable messages being parked: each may have a megabyte, and a silent dead-letter queue holds each of them
 * for a minute.
 */
const PARKING_MAX = 40;

/**
 * How many more messages may be received. A held message has at least one file; messages without files are finished at once.
 *
 * @param held files that are not committed, messages that wait for such files, and messages that are being parked.
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
