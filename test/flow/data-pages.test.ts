import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { realRandom } from '../../src/app/real.ts';
import { demoData } from '../../src/demo/demo-data.ts';
import type { Lane } from '../../src/core/dataset.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Batch, BatchId } from '../../src/core/load.ts';
import type { Row } from '../../src/core/ports.ts';
import { migrate } from '../../src/schema/migrate.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { runScript } from '../../src/sql/run-script.ts';
import { renderTable } from '../../src/terminal/table.ts';
import { joinsOf, tableDiagram, tableSections } from '../docs/describe-tables.ts';
import type { CatalogueColumn } from '../docs/describe-tables.ts';
import { queriesOf, withAnswers, withPart } from '../docs/page-parts.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

// `--update` writes the pages anew, like docs/errors.md.
const STAR = ['songplays', 'users', 'songs', 'artists', 'time'];
const read = (page: string): string => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');

const stack = useStack();
let loading: Loading;

beforeAll(async () => {
  loading = await startLoading(stack, undefined, { consumer: 'consumer-1', onDelete: 'remove' });
  await loadHistory();
  // Roles are of the whole cluster, which other tests use too.
  const { rows } = await stack.pool.query("select 1 from pg_catalog.pg_roles where rolname = 'analysts'");
  if (rows.length === 0) await ask([`create role analysts`]);
});

/** The data of the demo, a file that is overwritten, one that is deleted, and one that cannot be read. */
async function loadHistory(): Promise<void> {
  const { logs, songs, lateSongs, oneMore, broken, besideBroken } = demoData();
  const put = async (files: readonly { key: string; body: Uint8Array | string }[]) =>
    await Promise.all(files.map(async ({ key, body }) => await loading.put(key, body)));
  const mistaken = await loading.put('log_data/2018/11/2018-11-16-mistaken.json', lines(aPlay({ userId: '1004' })));
  const array = { key: 'log_data/2018/11/2018-11-16-array.json', body: JSON.stringify([aPlay()]) };
  const first = { ...oneMore, body: Buffer.concat([oneMore.body, Buffer.from('\n')]) };
  await batch(6, 'songs', await put(songs));
  await batch(7, 'logs', await put(logs));
  await batch(8, 'logs', [...(await put([first, broken, besideBroken, array])), mistaken], { restedMs: 1_200 });
  await batch(9, 'songs', await put(lateSongs), { source: 'backfill', closeReason: 'count' });
  await batch(10, 'logs', await put([oneMore]), { closeReason: 'drain' });
  const { bucket } = loading.settings;
  await loading.store.remove({ bucket, keys: [mistaken.key], signal: new AbortController().signal });
  const deletion = { ...mistaken, change: 'delete' as const, etag: '', size: 0, sequencer: 'FF' };
  await batch(11, 'logs', [deletion]);
  await setTimes();
}

/** Loads a batch that was opened at an hour of 16 November 2018. */
async function batch(hour: number, lane: Lane, files: readonly FileEvent[], more: Partial<Batch> = {}): Promise<void> {
  const openedAtMs = Date.UTC(2018, 10, 16, hour);
  const id = `20181116T${String(hour).padStart(2, '0')}0000-000000000000` as BatchId;
  await loading.load(lane, files, { id, openedAtMs, closedAtMs: openedAtMs + 2_000, ...more });
}

/** Times of the warehouse's clock differ in every run. */
async function setTimes(): Promise<void> {
  await loading.rows(`
    update ingest_batches set
      read_at = closed_at + files * interval '3 ms',
      staged_at = closed_at + interval '700 ms',
      published_at = closed_at + interval '1900 ms'`);
  for (const [table, columns] of [
    ['ingest_files', 'first_seen_at, settled_at'],
    ['ingest_open', 'settled_at'],
    ['rejected_rows', 'rejected_at'],
  ] as const) {
    const set = columns.split(', ').map((column) => `${column} = b.published_at`);
    await loading.rows(`update ${table} t set ${set.join(', ')} from ingest_batches b where b.batch_id = t.batch_id`);
  }
}

/** As the service asks: Redshift SQL through the Data API. */
async function ask(statements: readonly string[], schema = loading.settings.schema): Promise<readonly Row[]> {
  const inSchema = [`set search_path to ${schema}`, ...statements];
  const steps = [{ statements: inSchema, answer: 'rows' as const }];
  const script = { name: 'a query of a page', isLasting: false, steps };
  const token = `page-${Math.random().toString(36).slice(2)}`;
  const { rowsOf } = await runScript(loading.warehouse.openSession(), script, {
    token,
    signal: new AbortController().signal,
  });
  return rowsOf('rows');
}

/** Of tables that were migrated with their comments. */
async function readCatalogue(): Promise<readonly CatalogueColumn[]> {
  const { settings, warehouse } = loading;
  const schema = `${settings.schema}_described`;
  const parts = { warehouse, library: openSqlLibrary(), random: realRandom, schema };
  await migrate(parts, { reset: false, signal: new AbortController().signal });
  const [sql = ''] = queriesOf(read('data-model.md')).at(-1) ?? [];
  const rows = await ask([sql.replace("'sparkify'", `'${schema}'`)], schema);
  const columns = rows.map((row) => ({
    table: String(row['table']),
    about: row['about'] === null ? null : String(row['about']),
    column: String(row['column']),
    type: String(row['type']),
    isRequired: row['notnull'] === true,
    isDistKey: row['distkey'] === true,
    sortKey: Number(row['sortkey']),
    comment: row['comment'] === null ? null : String(row['comment']),
  }));
  const place = (table: string): number => (STAR.includes(table) ? STAR.indexOf(table) : STAR.length);
  return columns.toSorted((a, b) => place(a.table) - place(b.table));
}

describe('docs/data-model.md', () => {
  let columns: readonly CatalogueColumn[];
  beforeAll(async () => {
    columns = await readCatalogue();
  });

  test('every table and every column has a comment, and what a comment joins exists', () => {
    expect(columns.filter(({ about, comment }) => about === null || comment === null)).toEqual([]);
    const names = columns.map(({ table, column }) => `${table}.${column}`);
    expect(joinsOf(columns).filter(({ to, toColumn }) => !names.includes(`${to}.${toColumn}`))).toEqual([]);
  });

  test('says what the catalogue says', async () => {
    const diagram = withPart(read('data-model.md'), 'diagram', tableDiagram(columns, STAR));
    const star = columns.filter(({ table }) => STAR.includes(table));
    const others = columns.filter(({ table }) => !STAR.includes(table));
    const page = withPart(withPart(diagram, 'star', tableSections(star)), 'others', tableSections(others));
    await expect(page).toMatchFileSnapshot('../../docs/data-model.md');
  });

  test('has only queries that the warehouse answers', async () => {
    for (const sql of queriesOf(read('data-model.md'))) await expect(ask(sql), sql.join('; ')).resolves.toBeDefined();
  });
});

test.each(['queries.md', 'load-history.md'])('docs/%s has the answers that the data gives', async (name) => {
  const page = read(name);
  const answers: string[] = [];
  const { schema } = loading.settings;
  for (const statements of queriesOf(page)) {
    answers.push(answerText(await ask(statements.map((sql) => sql.replace('schema sparkify', `schema ${schema}`)))));
  }
  await expect(withAnswers(page, answers)).toMatchFileSnapshot(`../../docs/${name}`);
});

function answerText(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? 'null')));
  return renderTable(columns, cells)
    .split('\n')
    .filter((line) => line !== '')
    .join('\n');
}
