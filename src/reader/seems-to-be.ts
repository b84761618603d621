/**
 * What the beginning of a file without JSON objects looks like, as the end of a sentence with what to do.
 * The byte sequences are those of the formats' own specifications.
 */
export function seemsToBe(head: Uint8Array): string {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  for (const [magic, what] of MAGIC) if (bytes.subarray(0, magic.length).equals(magic)) return what;
  if (isArray(head)) return ARRAY;
  if (/^<(?:!doctype|html|\?xml|[a-z])/i.test(textOf(head))) return 'seems to be HTML or XML: upload JSON objects';
  if (looksLikeUtf16(bytes)) return UTF_16;
  return 'does not contain a JSON object: write one JSON object a line';
}

/** `[` and then an object or the end of the array: its objects are separated by commas, not by white space. */
export function isArray(head: Uint8Array): boolean {
  return /^\[[ \t\r\n]*[{\]]/.test(textOf(head));
}

/** Behind a byte-order mark and white space; its characters are bytes. */
function textOf(head: Uint8Array): string {
  return Buffer.from(head)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
}

const ARRAY = "is a JSON array: write one JSON object a line (for example with jq -c '.[]')";
const UTF_16 = 'seems to be UTF-16: convert it to UTF-8';

const MAGIC: readonly (readonly [magic: Buffer, what: string])[] = [
  [Buffer.from('PAR1'), 'seems to be a Parquet file: upload JSON objects'],
  [Buffer.from('Obj\x01'), 'seems to be an Avro file: upload JSON objects'],
  [Buffer.from('ORC'), 'seems to be an ORC file: upload JSON objects'],
  [Buffer.from('BZh'), 'seems to be a bzip2 file: unpack it, or pack it with gzip'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'seems to be a Zstandard file: unpack it, or pack it with gzip'],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), 'seems to be an xz file: unpack it, or pack it with gzip'],
  [Buffer.from([0x50, 0x4b, 0x03, 0x04]), 'seems to be a zip file: unpack it, or pack it with gzip'],
  [Buffer.from([0xff, 0xfe]), UTF_16],
  [Buffer.from([0xfe, 0xff]), UTF_16],
];

/** ASCII in UTF-16 has a NUL in every other byte. */
function looksLikeUtf16(bytes: Buffer): boolean {
  const [first, second] = [bytes[0], bytes[1]];
  return bytes.length >= 4 && (first === 0) !== (second === 0) && (bytes[2] === 0) === (first === 0);
}
