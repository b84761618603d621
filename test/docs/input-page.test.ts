import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { isMisfit } from '../../src/datasets/column-types.ts';
import type { Field } from '../../src/datasets/field.ts';
import { fieldReader } from '../../src/datasets/field.ts';
import { IDENTITY_FIELDS, PAGE, PLAY_FIELDS, USER_FIELDS } from '../../src/datasets/logs/fields.ts';
import { createLogJudge } from '../../src/datasets/logs/judge-event.ts';
import { SONG_FIELDS } from '../../src/datasets/songs/fields.ts';
import { demoData } from '../../src/demo/demo-data.ts';
import { readPieces } from '../../src/reader/read-pieces.ts';
import type { Piece } from '../../src/reader/split-objects.ts';
import { UnreadableContent } from '../../src/reader/unreadable-content.ts';
import { markdownTable, withPart } from './page-parts.ts';

const PLAY = firstLine(demoData().oneMore.body);
const SONG = firstLine(demoData().songs[0]?.body ?? Buffer.from(''));

/** Values that show the limits of a field: each reason of a rejection is that of one of them. */
const PROBES = ['"x"', `"${'x'.repeat(70_000)}"`, '9e99', '-1', '12345', '0.5', '"\\u0000"'];

function limits(field: Field): readonly string[] {
  const read = fieldReader(field);
  const reasons = PROBES.map((token) => read(token)).flatMap((value) => (isMisfit(value) ? [value.reason] : []));
  // What rejects any value is said once, below the table.
  return [...new Set(reasons)].filter((reason) => !reason.includes('NUL'));
}

function whenEmpty(field: Field): string {
  const value = fieldReader(field)('""');
  if (isMisfit(value)) return 'rejected';
  return value === null ? 'NULL' : 'empty';
}

function keyTable(fields: readonly Field[], used: (field: Field) => string): string {
  const rows = fields.map((field) => [
    `\`${field.key}\``,
    used(field),
    field.isRequired ? 'yes' : '',
    whenEmpty(field),
    limits(field).join('; '),
  ]);
  const table = markdownTable(['key', 'goes to', 'required?', 'an empty text is', 'a value is rejected that …'], rows);
  return `${table}\n\nA value that contains a NUL character, half of a surrogate pair or invalid UTF-8 rejects its row.`;
}

function logTarget(field: Field): string {
  if (field.key === 'page') return 'which kind of event it is';
  if (field.key === 'ts') return '`songplays.start_time`, `users.last_event_at`';
  if (field.key === 'userId') return '`songplays.user_id`, `users.user_id`';
  const users = USER_FIELDS.some(({ key }) => key === field.key);
  if (field.key === 'level') return '`songplays.level`, `users.level`';
  return users ? `\`users.${field.column}\`` : `\`songplays.${field.column}\``;
}

function songTarget({ column }: Field): string {
  const [, artist] = /^artist_(name|location|latitude|longitude)$/.exec(column) ?? [];
  if (artist !== undefined) return `\`artists.${artist}\``;
  return column === 'artist_id' ? '`songs.artist_id`, `artists.artist_id`' : `\`songs.${column}\``;
}

async function piecesOf(file: Uint8Array, maxBytes = 1_000_000): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for await (const stretch of readPieces(chunks(file), { maxBytes })) pieces.push(...stretch.pieces);
  return pieces;
}

async function* chunks(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(file);
}

async function fileFate(file: Uint8Array): Promise<string> {
  try {
    const pieces = await piecesOf(file);
    const objects = pieces.filter(({ kind }) => kind === 'object').length;
    const others = pieces.length - objects;
    return others === 0 ? `loaded: ${objects} rows` : `loaded: ${objects} rows, ${others} rejected`;
  } catch (error) {
    if (error instanceof UnreadableContent) return `quarantined (\`${error.code}\`): ${error.message}`;
    throw error;
  }
}

/** A play with other values; `undefined` leaves the key out. */
function changed(change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...(JSON.parse(PLAY) as object), ...change });
}

const LINES: readonly (readonly [what: string, line: string])[] = [
  ['a play', PLAY],
  ['the page `Home` of a user', changed({ page: 'Home' })],
  ['the page `Home` of no user (`userId` is empty)', changed({ page: 'Home', userId: '' })],
  ['a play of no user', changed({ userId: '' })],
  ['a play without `ts`', changed({ ts: undefined })],
  ['a play in seconds in place of milliseconds', changed({ ts: 1_542_326_401 })],
  ['a `length` that is not a number', changed({ length: 'long' })],
  ['a `firstName` of 300 bytes', changed({ firstName: 'x'.repeat(300) })],
  ['a line that was cut off', PLAY.slice(0, 40)],
];

async function lineFate(line: string): Promise<string> {
  const [piece] = await piecesOf(Buffer.from(`${line}\n${PLAY}\n`));
  if (piece === undefined) throw new Error('The file has no piece.');
  if (piece.kind === 'malformed')
    return `rejected: \`json\` is malformed: ${piece.reason} (column ${piece.columnNumber})`;
  const judged = createLogJudge()(piece);
  if (judged.kind === 'rejected') return `rejected: \`${judged.column}\` ${judged.reason}`;
  if (judged.kind === 'not_kept') return 'not kept: the model has no place for it';
  return judged.row.is_play === '1' ? 'a row of `songplays`, and of `users`' : 'a row of `users`';
}

const FILES: readonly (readonly [what: string, file: Uint8Array])[] = [
  ['objects with broken lines between them', Buffer.from(`${PLAY}\n${PLAY.slice(0, 50)}\n${PLAY}\n`)],
  ['gzip', gzipSync(`${PLAY}\n${PLAY}\n`)],
  ['gzip that was cut off', gzipSync(PLAY).subarray(0, 60)],
  ['a JSON array', Buffer.from(`[${PLAY}]`)],
  ['UTF-16', Buffer.from(PLAY, 'utf16le')],
  ['Parquet', Buffer.from('PAR1....')],
  ['Zstandard', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0])],
  ['an HTML page', Buffer.from('<!doctype html><p>503</p>')],
];

async function page(): Promise<string> {
  const fates = await Promise.all(FILES.map(async ([what, file]) => [what, await fileFate(file)]));
  const lines = await Promise.all(LINES.map(async ([what, line]) => [what, await lineFate(line)]));
  const logFields = [PAGE, ...IDENTITY_FIELDS, ...USER_FIELDS, ...PLAY_FIELDS];
  const parts: Readonly<Record<string, string>> = {
    files: markdownTable(['a file of …', 'is …'], fates),
    'log line': json(PLAY),
    'log keys': keyTable(logFields, logTarget),
    song: json(SONG),
    'song keys': keyTable(SONG_FIELDS, songTarget),
    lines: markdownTable(['a line with …', 'becomes …'], lines),
  };
  const before = readFileSync(new URL('../../docs/input.md', import.meta.url), 'utf8');
  return Object.entries(parts).reduce((text, [name, part]) => withPart(text, name, part), before);
}

function json(line: string): string {
  return `\`\`\`json\n${JSON.stringify(JSON.parse(line), null, 2)}\n\`\`\``;
}

function firstLine(body: Uint8Array): string {
  return Buffer.from(body).toString().split('\n')[0] ?? '';
}

test('docs/input.md says what the reader and the datasets do', async () => {
  await expect(await page()).toMatchFileSnapshot('../../docs/input.md');
});
