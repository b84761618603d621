import { isUtf8 } from 'node:buffer';

/**
 * The text of a document's bytes, without loss: a byte that belongs to no UTF-8 character becomes the lone surrogate
 * U+DC00 + byte (0x80–0xFF), which no UTF-8 text can contain. So only the column that such a byte goes to decides
 * whether it is an error (Redshift docs, multibyte character load errors).
 */
export function decodeDocument(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : decodeKeepingInvalid(bytes);
}

/** The byte that `decodeDocument` hid in a lone surrogate, or `null` for any other code unit. */
export function hiddenByte(codeUnit: number): number | null {
  return codeUnit >= 0xdc80 && codeUnit <= 0xdcff ? codeUnit - 0xdc00 : null;
}

function decodeKeepingInvalid(bytes: Buffer): string {
  const parts: string[] = [];
  let validFrom = 0;
  let index = 0;
  while (index < bytes.length) {
    const length = characterLength(bytes, index);
    if (length > 0) {
      index += length;
      continue;
    }
    parts.push(bytes.toString('utf8', validFrom, index), String.fromCharCode(0xdc00 + (bytes[index] ?? 0)));
    index += 1;
    validFrom = index;
  }
  parts.push(bytes.toString('utf8', validFrom));
  return parts.join('');
}

/** Bytes of the well-formed UTF-8 character at `index`; 0 when there is none. */
function characterLength(bytes: Buffer, index: number): number {
  const lead = bytes[index] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  return length > 0 && index + length <= bytes.length && isUtf8(bytes.subarray(index, index + length)) ? length : 0;
}
