import { expect, test } from 'vitest';
import { splitSql } from '../../src/core/sql/split-sql.ts';
import { sqlForeignText, sqlLiteral } from '../../src/core/sql/sql-literal.ts';
import { differencesOf } from '../../src/look/explain-play.ts';
import { repairedUtf8 } from '../../src/look/doubled-utf8.ts';
import { remedyOfRow } from '../../src/look/remedies.ts';
import type { Seen } from '../../src/look/status.ts';
import { statusOf } from '../../src/look/status.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { pointAt } from '../../src/terminal/caret.ts';

const QUEUE = { url: 'q', visible: 0, inFlight: 0, delayed: 0, deadLetters: 0 };
const NOW_MS = 1_700_000_000_000;

function consumer(change: object) {
  const report = {
    ...{ consumer: 'c', state: 'consuming', writtenAtMs: NOW_MS, heldFiles: 0, oldestPutHeldAtMs: null, pauses: [] },
    filesByLane: { songs: 1, logs: 2, ignored: 0 },
    ...{ lastReceiveWasEmpty: true, lastHour: { pauses: [], rests: [], putToVisible: { '1': 2 } }, drift: [] },
  };
  return { ...report, ...change };
}

function problems(consumers: readonly object[], change: Partial<Seen> = {}): readonly string[] {
  const reports = { reports: consumers, unreadable: [] } as unknown as Seen['reports'];
  const seen = { atMs: NOW_MS, bucket: 'b', reports, queue: QUEUE, warehouse: null, expectedMs: 10_000, ...change };
  return statusOf(seen).problems;
}

test('a service with a consumer, an empty queue and nothing held has no problem', () => {
  expect(problems([consumer({}), consumer({ state: 'stopped' })])).toEqual([]);
});

test('no consumer, a silent one, a failed one, and more delay than twice the expected time and a minute are problems', () => {
  expect(problems([])).toEqual(['no consumer is running: start one with "sparkify consume".']);
  expect(problems([consumer({}), consumer({ consumer: 'd', writtenAtMs: NOW_MS - 200_000 })])).toEqual([
    expect.stringContaining('consumer d has not written its state'),
  ]);
  expect(problems([consumer({}), consumer({ consumer: 'e', state: 'failed' })])).toEqual([
    expect.stringContaining('consumer e failed'),
  ]);
  expect(problems([consumer({ oldestPutHeldAtMs: NOW_MS - 80_000 })])).toEqual([]);
  expect(problems([consumer({ oldestPutHeldAtMs: NOW_MS - 81_000 })])).toEqual([
    'the service is behind by 81 s; expected at most 80 s.',
  ]);
});

test('files that consumers hold wait, by dataset; those of a consumer that has ended do not', () => {
  const held = { songs: 5, logs: 0, ignored: 1 };
  const reports = {
    reports: [consumer({}), consumer({ filesByLane: held }), consumer({ state: 'failed' })],
    unreadable: [],
  };
  const seen = { ...{ atMs: NOW_MS, bucket: 'b', queue: QUEUE, warehouse: null, expectedMs: 10_000 }, reports };
  expect(statusOf(seen as unknown as Seen).waiting).toEqual({ songs: 6, logs: 2, ignored: 1 });
});

test('a part that cannot be read is a problem with its sentence', () => {
  const error = { code: 'access_denied', message: 'No.' } as const;
  expect(problems([consumer({})], { queue: { error }, warehouse: { error } })).toEqual([
    'No. [access_denied]',
    'No. [access_denied]',
  ]);
});

test('status reads no table that has a row for each file or play', () => {
  const library = openSqlLibrary();
  for (const file of [
    '06_totalled.sql',
    '10_totals.sql',
    '20_batches.sql',
    '30_open.sql',
    '40_lock_table.sql',
    '42_lock.sql',
  ]) {
    const text = splitSql(library.source(`look/${file}`))
      .map((statement) => statement.text)
      .join('\n');
    const tables = [...text.matchAll(/\b(?:from|join)\s+(\w+)/g)].map(([, table]) => table);
    for (const table of ['ingest_files', 'ingest_objects', 'songplays', 'rejected_rows'])
      expect(tables).not.toContain(table);
  }
});

test('the caret stands under the value that does not fit, whatever the width', () => {
  const at = (text: string, column: string, reason: string, width = 200) => {
    const { caret, line } = pointAt({ dataset: 'logs', text, column, reason }, width);
    return caret === null ? null : line.slice(caret.length - 1);
  };
  const text = '{"a":1,"ts": "x","page":"NextSong"}';
  expect(at(text, 'ts', 'is not a whole number')).toBe('"x","page":"NextSong"}');
  expect(at(text, 'song_title', 'is missing')).toBe('}');
  expect(at('{"artist": 7}', 'artist_name', 'is not a text')).toBe('7}');
  expect(at('{"ü": nope}', 'json', 'is malformed: expected a value, found "n" (column 8)')).toBe('nope}');
  expect(at(`{"b":"${'y'.repeat(500)}","ts":"x"}`, 'ts', 'is not a whole number', 60)).toBe('"x"}');
  expect(at('{"ts":\u001b[31m}', 'json', 'is malformed: expected a value (column 7)')).toBe(String.raw`\u001b[31m}`);
  expect(at('no key of this name', 'ts', 'is not a whole number')).toBeNull();
});

test('rows have a remedy by their reason', () => {
  expect(remedyOfRow('is missing')).toMatch(/^the producer has to write this key/);
  expect(remedyOfRow('is of a new kind')).toMatch(/^correct the row; put the corrected file under the same key/);
});

test('text that was encoded twice is repaired, as often as it happened; other text is not', () => {
  const twice = (text: string) => Buffer.from(text).toString('latin1');
  expect(repairedUtf8(twice('Björk'))).toBe('Björk');
  expect(repairedUtf8(twice(twice('Björk – Jóga')))).toBe('Björk – Jóga');
  expect(repairedUtf8('Beyoncâ€™s')).toBe('Beyonc’s');
  for (const text of ['Björk', 'São Paulo', 'SÃO', 'plain', '', '日本']) expect(repairedUtf8(text)).toBeNull();
});

test('what differs between a play and a song, by title, artist and duration', () => {
  const heard = { title: 'Jóga', artist: 'Björk', length: 305 };
  expect(differencesOf(heard, heard)).toEqual([]);
  expect(differencesOf(heard, { title: 'Jóga ', artist: 'BJÖRK', length: 305.00001 })).toEqual([
    'title: differs in blanks at the ends',
    'artist: differs in upper case',
    'duration: differs by 0.00001 s',
  ]);
  expect(differencesOf({ ...heard, artist: null }, { ...heard, title: 'Hunter', length: null })).toEqual([
    'title: is another one',
    'artist: missing',
    'duration: missing',
  ]);
});

test('foreign text is one literal, with quotes and backslashes', () => {
  expect(sqlLiteral(sqlForeignText(`o'x`))).toBe(`'o''x'`);
  expect(sqlLiteral(sqlForeignText('a\\b\\'))).toBe(`('a' || chr(92) || 'b' || chr(92) || '')`);
});
