/** Windows-1252 has other characters than Latin-1 from 0x80 to 0x9f (WHATWG Encoding Standard, index windows-1252). */
const CP1252 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';
const CP1252_BYTES = [
  0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96,
  0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
];
const BYTE_OF = new Map(Array.from(CP1252).map((character, at) => [character, CP1252_BYTES[at] ?? 0]));

/** A text can be damaged several times. */
const MOST_TIMES = 3;

/**
 * Repairs a text whose bytes of UTF-8 were read as Latin-1 or Windows-1252 and encoded again (`BjÃ¶rk`), as often as it happened.
 *
 * @returns `null` when the text is not damaged in this way.
 */
export function repairedUtf8(text: string): string | null {
  let repaired = text;
  for (let times = 0; times < MOST_TIMES; times += 1) {
    const once = repairedOnce(repaired);
    if (once === null) break;
    repaired = once;
  }
  return repaired === text ? null : repaired;
}

function repairedOnce(text: string): string | null {
  const bytes: number[] = [];
  let isAscii = true;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const byte = code <= 0xff ? code : BYTE_OF.get(character);
    if (byte === undefined) return null;
    isAscii &&= byte < 0x80;
    bytes.push(byte);
  }
  if (isAscii) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}
