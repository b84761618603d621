import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventTimes, fileRow, LEDGER_BYTES, numbered, storableKey } from '../../src/core/loading/ledger.ts';
import { readNotification } from '../../src/core/intake/notification.ts';
import { sqlLiteral, sqlTimestamp } from '../../src/core/sql/sql-literal.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { aBatch } from '../support/loading.ts';
import { aRecord, anEventBridgeEvent, anSnsEnvelope, s3Message } from '../unit/s3-messages.ts';

const library = openSqlLibrary();

/** Bytes of the text columns of a table, by name. */
function textColumns(file: string, table: string): ReadonlyMap<string, number> {
  const [, columns = ''] =
    new RegExp(`create (?:temp )?table ${table} \\(\\n([^;]*?)\\n\\)`).exec(library.source(file)) ?? [];
  return new Map(
    [...columns.matchAll(/^ {2}(\w+) (?:var)?char\((\d+)\)/gm)].map(([, name = '', bytes]) => [name, Number(bytes)]),
  );
}

const LEDGER = textColumns('schema/001_bookkeeping.sql', 'ingest_files');
const STAGED = ['logs', 'songs'].map((dataset) =>
  textColumns(`load/${dataset}/stage/10_create_staging.sql`, 'sparkify_staging'),
);

it('the program checks the limits of the columns', () => {
  const { bucket, etag, objectKey: object_key, reason, versionId: version_id } = LEDGER_BYTES;
  const limits = { bucket, etag, object_key, reason, version_id };
  expect(Object.fromEntries(Object.keys(limits).map((column) => [column, LEDGER.get(column)]))).toEqual(limits);
  for (const staged of STAGED)
    for (const [column, bytes] of LEDGER) if (staged.has(column)) expect(staged.get(column), column).toBe(bytes);
  expect([...LEDGER.keys()].filter((column) => STAGED[0]?.has(column)).length).toBeGreaterThan(8);
});

/** Whatever anybody could write, half surrogate pairs too. */
const aText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('a', '"', '\0', '\u001b', '\ud800', '\udc00', 'ü', '🎵', '%', '+'),
    maxLength: 40,
  }),
  fc
    .tuple(fc.constantFrom('a', 'ü', '\0', '0', 'F'), fc.integer({ min: 60, max: 1100 }))
    .map(([unit, n]) => unit.repeat(n)),
);
const aTime = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '0001-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.000Z',
    '1',
    '2018-02-31',
    '2018-11-12T10:00:00+18:00',
  ),
  aText,
);
/** Mostly not, so that many a record has but one field that is odd. */
const maybe = <T>(odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: odd });
const aForgedRecord = fc
  .record({
    bucket: maybe(aText),
    key: maybe(aText),
    encodedKey: maybe(aText),
    etag: maybe(aText),
    versionId: maybe(aText),
    sequencer: maybe(aText),
    size: maybe(fc.oneof<fc.Arbitrary<number>[]>(fc.double(), fc.integer(), fc.constantFrom(2 ** 53, 1e300))),
    eventTime: maybe(aTime),
    eventName: fc.constantFrom('ObjectCreated:Put', 'ObjectRemoved:Delete', 'ObjectRemoved:DeleteMarkerCreated'),
  })
  .map(({ encodedKey, key, ...record }) =>
    // A lone surrogate cannot be encoded; unencoded it can stand in JSON.
    aRecord({
      ...defined(record),
      encodedKey: encodedKey ?? (key?.isWellFormed() === false ? key : encodeURIComponent(key ?? 'k')),
    }),
  );
const aForgedMessage = fc.oneof(
  fc.array(aForgedRecord, { minLength: 1, maxLength: 4 }).map((records) => s3Message(...records)),
  aForgedRecord.map((record) => anSnsEnvelope(s3Message(record))),
  fc
    .record({
      key: aText,
      etag: aText,
      sequencer: aText,
      bucket: aText,
      versionId: maybe(aText),
      isDeletion: fc.boolean(),
    })
    .map(({ isDeletion, ...said }) =>
      anEventBridgeEvent({
        ...defined(said),
        ...(isDeletion ? { detailType: 'Object Deleted', reason: 'DeleteObject' } : {}),
      }),
    ),
);

it('every file of any message fits every column of the ledger, and its time fits every ledger query', () => {
  fc.assert(
    fc.property(aForgedMessage, fc.constantFrom(0, Date.UTC(2018, 10, 12), Date.UTC(2500, 0, 1)), (body, sentAtMs) => {
      const notification = readNotification(body, sentAtMs);
      if (notification.kind !== 'events') return;
      const files = numbered(aBatch('logs', notification.files));
      for (const file of files) {
        const said = { fileNumber: file.fileNumber, errorCode: null, reason: file.file.key, version: null };
        const row: Readonly<Record<string, unknown>> = fileRow(file, { ...said, status: 'ignored' });
        for (const [column, bytes] of LEDGER) if (column in row) expectToFit(row[column], { column, bytes });
        for (const column of ['size', 'event_time']) expect(row[column]).toMatch(/^[0-9]{1,16}$/);
      }
      for (const { maxMs, minMs } of eventTimes(files))
        for (const atMs of [minMs, maxMs]) expect(sqlLiteral(sqlTimestamp(atMs))).toMatch(/^'\d{4}-/);
    }),
    { numRuns: 1000 },
  );
});

it('the name of a key fits its column and is the key itself when the column can hold it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 1024 }), (text) => {
      const key = Buffer.from(text)
        .subarray(0, 1024)
        .toString()
        .replace(/\uFFFD+$/, '');
      expectToFit(storableKey(key), { column: 'object_key', bytes: LEDGER_BYTES.objectKey });
      if (!key.includes('\0')) expect(storableKey(key)).toBe(key);
    }),
  );
  expect(storableKey('log_data/a\0b.json')).toBe('log_data/a\\u0000b.json');
  expectToFit(storableKey('\0'.repeat(1024)), { column: 'object_key', bytes: LEDGER_BYTES.objectKey });
});

function expectToFit(text: unknown, { bytes, column }: { column: string; bytes: number }): void {
  if (text === null) return;
  if (typeof text !== 'string') throw new TypeError(`${column} is not a text.`);
  expect(text.isWellFormed() && !text.includes('\0'), column).toBe(true);
  expect(Buffer.byteLength(text), column).toBeLessThanOrEqual(bytes);
}

function defined<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
