import type { ObjectScanner } from './scan-object.ts';

/** The keys of objects, decoded. Most objects have the keys of the one before; these get the same list. */
export class KeyList {
  #latest: readonly string[] = [];
  /** The bytes of the latest keys with their quotes, one behind the other, and where each one ends. */
  #bytes: Uint8Array = new Uint8Array();
  #ends: readonly number[] = [];

  /** @param scanned the object, as places in `bytes`. */
  of(bytes: Uint8Array, { members, offsets }: Pick<ObjectScanner, 'members' | 'offsets'>): readonly string[] {
    if (this.#areLatest(bytes, members, offsets)) return this.#latest;
    const tokens: Uint8Array[] = [];
    for (let member = 0; member < members; member += 1)
      tokens.push(bytes.subarray(offsets[4 * member], offsets[4 * member + 1]));
    let end = 0;
    this.#ends = tokens.map(({ byteLength }) => (end += byteLength));
    this.#bytes = Buffer.concat(tokens);
    this.#latest = tokens.map(decoded);
    return this.#latest;
  }

  #areLatest(bytes: Uint8Array, members: number, offsets: readonly number[]): boolean {
    const latest = this.#bytes;
    const ends = this.#ends;
    if (members !== ends.length) return false;
    let at = 0;
    for (let member = 0; member < members; member += 1) {
      const end = ends[member] ?? 0;
      let from = offsets[4 * member] ?? 0;
      if ((offsets[4 * member + 1] ?? 0) - from !== end - at) return false;
      for (; at < end; at += 1, from += 1) if (bytes[from] !== latest[at]) return false;
    }
    return true;
  }
}

/** @param token a JSON text with its quotes. */
function decoded(token: Uint8Array): string {
  return JSON.parse(Buffer.from(token).toString()) as string;
}
