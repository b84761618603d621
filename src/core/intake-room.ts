/**
 * Messages that a consumer holds until its first load has committed, at most. A load that kills the process, or a setting
 * that stops every load, is met again at each restart: only so few messages burn a receive each time, not a whole queue.
 */
const BEFORE_FIRST_LOAD = 10;

/**
 * How many more messages may be received. A message carries a file at least, or it is finished at once and takes no room:
 * whoever holds ten messages has files to load, whose commit makes the room wider.
 *
 * @param held files that wait for their commit, and messages that wait for such files.
 * @returns 0 or less: none.
 */
export function intakeRoom(
  held: { readonly heldFiles: number; readonly heldMessages: number },
  limits: { readonly maxHeldFiles: number; readonly hasLoaded: boolean },
): number {
  const files = limits.maxHeldFiles - held.heldFiles;
  return limits.hasLoaded ? files : Math.min(files, BEFORE_FIRST_LOAD - held.heldMessages);
}
