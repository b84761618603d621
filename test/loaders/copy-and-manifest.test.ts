import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyText } from '../../src/core/sql/copy.ts';
import type { CopyStatement } from '../../src/core/sql/copy.ts';
import { cutToBytes, fileRow, numbered, objectId, paddedSequencer } from '../../src/core/loading/ledger.ts';
import { manifestBody, workFiles } from '../../src/core/loading/manifest.ts';
import { migration, pendingMigrations } from '../../src/schema/migrations.ts';
import { aBatch } from '../support/loading.ts';
import { aFile } from '../unit/file-events.ts';

const COPY: CopyStatement = {
  table: 'staging_events',
  from: 's3://bucket/work/manifest.json',
  isParts: true,
  roleArn: 'arn:aws:iam::000000000000:role/copy',
};

test('a COPY that loads says nothing that could lose a row', () => {
  expect(copyText(COPY)).toBe(
    [
      'copy staging_events',
      "from 's3://bucket/work/manifest.json'",
      "iam_role 'arn:aws:iam::000000000000:role/copy'",
      'manifest',
      'gzip',
      "format as json 'auto'",
      "timeformat 'epochmillisecs'",
      'compupdate off',
    ].join('\n'),
  );
});

test('a COPY of a list names neither a manifest nor a compression', () => {
  const copy = copyText({ ...COPY, isParts: false });
  expect(copy).not.toMatch(/manifest$|gzip/m);
});

test('a COPY into a foreign name or from no object is refused', () => {
  for (const wrong of [
    { table: 'a.b' },
    { table: 'x; drop table y' },
    { from: 's3://bucket' },
    { from: "s3://b/it\\'s" },
  ]) {
    expect(() => copyText({ ...COPY, ...wrong })).toThrow();
  }
});

test('a manifest lists every file once, as it is, and none may be missing', () => {
  const uri = 's3://b/log_data/a b+%2F"ü😀.json';
  expect(JSON.parse(manifestBody([uri, 's3://b/c', uri]))).toEqual({
    entries: [
      { url: uri, mandatory: true },
      { url: 's3://b/c', mandatory: true },
    ],
  });
});

test("a load's own files lie below the work prefix by day; those of one attempt are never those of another", () => {
  const batch = aBatch('songs', []);
  const work = workFiles(batch, { bucket: 'b', workPrefix: 'work/' });
  expect(work.manifestKey('x')).toBe(`work/batches/2018/11/15/${batch.id}/manifest-x.json`);
  expect(work.partKey('x', 3)).toBe(`work/batches/2018/11/15/${batch.id}/part-x-0003.json.gz`);
});

test('a file row carries any key, and two versions of one object are rows of one object', () => {
  const file = aFile({ bucket: 'b', key: 'log_data/it\'s "x"\n.json', sequencer: '5A', size: 1, eventTimeMs: 2 });
  const loaded = { status: 'loaded', errorCode: null, reason: null, version: null } as const;
  const [one, other] = numbered(aBatch('logs', [file, { ...file, etag: 'e2', sequencer: null }])).map((each) =>
    fileRow(each, { fileNumber: each.fileNumber, ...loaded }),
  );
  expect([one?.file_number, other?.file_number]).toEqual(['1', '2']);
  expect([one?.object_key, other?.object_key]).toEqual([file.key, file.key]);
  expect([one?.sequencer, other?.sequencer]).toEqual(['5A'.padStart(32, '0'), '']);
  expect(one?.object_id).toBe(other?.object_id);
  expect(one?.file_id).not.toBe(other?.file_id);
  expect(objectId({ bucket: 'a', key: 'b/c' })).not.toBe(objectId({ bucket: 'a/b', key: 'c' }));
});

test('sequencers of any length compare as text once they are padded', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n }), fc.bigInt({ min: 0n, max: 2n ** 64n }), (a, b) => {
      const [left, right] = [paddedSequencer(a.toString(16)), paddedSequencer(b.toString(16))];
      expect(left < right).toBe(a < b);
    }),
  );
});

test('a text that is cut fits its bytes and is a beginning of the whole, cut between characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, bytes) => {
      const cut = cutToBytes(text, bytes);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
      expect(text.startsWith(cut)).toBe(true);
      expect(Buffer.from(cut).toString()).toBe(cut);
    }),
  );
});

test('migrations are pending in order, and an unknown higher number or a changed file is refused', () => {
  const files = [migration('schema/001_a.sql', 'a'), migration('schema/002_b.sql', 'b')];
  expect(pendingMigrations(files, []).map(({ number }) => number)).toEqual([1, 2]);
  expect(pendingMigrations(files, files.slice(0, 1)).map(({ name }) => name)).toEqual(['002_b.sql']);
  expect(() => pendingMigrations(files, [{ number: 3, name: '003_c.sql', checksum: '' }])).toThrow(
    /version 3 .* up to 2/,
  );
  expect(() => pendingMigrations(files, [{ number: 1, name: '001_a.sql', checksum: 'other' }])).toThrow(
    /001_a.sql was changed/,
  );
  expect(() => migration('schema/one.sql', '')).toThrow();
});
