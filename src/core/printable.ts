/**
 * Foreign text (a key, a message, a reason that quotes one), safe for a terminal: control and format characters, which could move
 * the cursor, recolour or reverse text, and unpaired surrogates, which are not UTF-8, are escaped as `\u001b`.
 *
 * @param kept characters that stay as they are, e.g. `\n` where the text has lines of its own.
 */
export function printable(text: string, kept = ''): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    kept.includes(character) ? character : escaped(character),
  );
}

/** As in JSON: one escape for each UTF-16 unit, so that a line of JSON stays one. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
