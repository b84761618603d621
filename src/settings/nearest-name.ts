/** The known name closest to a mistyped one; `null` when none is close enough. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceOf(name, candidate) }))
    .sort((left, right) => left.distance - right.distance);
  const best = ranked[0];
  // A third of the letters may differ: enough for a typo or a missing unit, and not for another word.
  return best !== undefined && best.distance <= Math.ceil(name.length / 3) ? best.candidate : null;
}

/** A prefix or an extension of a name is nearer than a name with other letters. */
function distanceOf(name: string, candidate: string): number {
  if (candidate.startsWith(name) || name.startsWith(candidate)) return 1;
  return editDistance(name, candidate);
}

/** Levenshtein: the least number of letters to add, drop or change. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
