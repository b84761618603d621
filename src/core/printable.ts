/**
 * Text that somebody else wrote (a key, a message, a reason that quotes one), safe to show at a terminal: control and
 * format characters, which could move the cursor, recolour or reverse what a person reads, and halves of surrogate pairs,
 * which are not UTF-8, stand as `\u001b`.
 *
 * @param kept characters that stay as they are, e.g. `\n` where the text has lines of its own.
 */
export function printable(text: string, kept = ''): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    kept.includes(character) ? character : escaped(character.codePointAt(0) ?? 0),
  );
}

function escaped(codePoint: number): string {
  const digits = codePoint.toString(16);
  return digits.length <= 4 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}
