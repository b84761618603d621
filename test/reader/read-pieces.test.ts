import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPieces } from '../../src/reader/read-pieces.ts';

async function* arriving(bytes: Buffer, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += chunkBytes) {
    yield await Promise.resolve(bytes.subarray(from, from + chunkBytes));
  }
}

/** The texts of a file's objects, or the code and the reason of its problem. */
async function read(file: Buffer | string, { chunkBytes = 1 << 16, maxBytes = 1 << 30 } = {}): Promise<string[]> {
  const seen: string[] = [];
  try {
    for await (const { pieces } of readPieces(arriving(Buffer.from(file), chunkBytes), { maxBytes })) {
      for (const { kind, text } of pieces) seen.push(kind === 'object' ? text : kind);
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return [`${code ?? 'unexpected'}: ${message}`];
  }
  return seen;
}

const OBJECTS = '{"a":1}\n{"a":2}\n';

describe('a reader of files', () => {
  it('works on one chunk in a turn of the event loop, however many files are read at once', async () => {
    const body = Buffer.from(OBJECTS.repeat(100));
    const [files, chunkBytes] = [8, 400];
    let chunks = 0;
    const reading = Array.from({ length: files }, async () => {
      for await (const { bytes } of readPieces(arriving(body, chunkBytes), { maxBytes: 1 << 30 })) {
        if (bytes > 0) chunks += 1;
      }
    });
    const inTurns: number[] = [];
    for (let before = 0; before < (files * body.byteLength) / chunkBytes; before = chunks) {
      await nextTurn();
      inTurns.push(chunks - before);
    }
    await Promise.all(reading);
    // Each file begins with a chunk at once.
    expect(Math.max(...inTurns.slice(1))).toBe(1);
  });

  it.each([
    ['a plain file', Buffer.from(OBJECTS)],
    ['a gzip file', gzipSync(OBJECTS)],
    ['a gzip file of several members', Buffer.concat([gzipSync('{"a":1}\n{"a"'), gzipSync(''), gzipSync(':2}\n')])],
    ['a gzip file with zeros behind it', Buffer.concat([gzipSync(OBJECTS), Buffer.alloc(100)])],
  ])('finds the objects of %s, however its bytes arrive', async (_what, file) => {
    for (const chunkBytes of [1 << 16, 1, 3]) expect(await read(file, { chunkBytes })).toEqual(['{"a":1}', '{"a":2}']);
  });

  it.each([
    ['an empty file', ''],
    ['a file of blanks', ' \n\n'],
    ['an archive without members', gzipSync('').subarray(0, 0)],
    ['an archive of nothing', gzipSync('')],
  ])('finds nothing in %s', async (_what, file) => {
    expect(await read(Buffer.from(file))).toEqual([]);
  });

  it.each([
    ['a cut archive', gzipSync(OBJECTS).subarray(0, 20), /^gzip_invalid: is a corrupt or truncated gzip file/],
    [
      'an archive with a member behind zeros',
      Buffer.concat([gzipSync(OBJECTS), Buffer.alloc(4), gzipSync(OBJECTS)]),
      /^gzip_invalid/,
    ],
    ['two bytes of an archive', Buffer.from([0x1f, 0x8b]), /^gzip_invalid/],
    ['a bomb', gzipSync(Buffer.alloc(5_000_000)), /^inflated_too_large: unpacks to more than 1000000 bytes/],
    ['an array on one line', '[{"a":1},{"a":2}]', /^not_json_objects: is a JSON array: .* jq -c '\.\[\]'/],
    ['an array over several lines', '\ufeff[\n{"a":1},\n{"a":2}\n]', /^not_json_objects: is a JSON array/],
    ['Parquet', 'PAR1\u0015\u0004', /^not_json_objects: seems to be a Parquet file/],
    ['bzip2', 'BZh91AY&SY', /^not_json_objects: seems to be a bzip2 file/],
    ['Zstandard', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24]), /^not_json_objects: seems to be a Zstandard file/],
    ['HTML', '<!DOCTYPE html><p>', /^not_json_objects: seems to be HTML or XML/],
    ['UTF-16', Buffer.from('\ufeff{"a":1}', 'utf16le'), /^not_json_objects: seems to be UTF-16/],
    ['UTF-16 without a mark', Buffer.from('{"a":1}', 'utf16le'), /^not_json_objects: seems to be UTF-16/],
    ['CSV', 'a,b\n1,2\n', /^not_json_objects: does not contain a JSON object/],
  ])('refuses %s with a reason', async (_what, file, reason) => {
    expect((await read(Buffer.from(file), { maxBytes: 1_000_000 })).join()).toMatch(reason);
  });

  it('passes on what the transfer throws', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield gzipSync(OBJECTS).subarray(0, 12);
      await Promise.reject(new Error('connection reset'));
    }
    const reading = async () => {
      for await (const { pieces } of readPieces(broken(), { maxBytes: 100 })) expect(pieces).toEqual([]);
    };
    await expect(reading()).rejects.toThrow('connection reset');
  });
});
