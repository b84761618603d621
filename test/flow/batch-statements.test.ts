import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { beforeAll, expect, test } from 'vitest';
import type { Lane } from '../../src/core/dataset.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Batch } from '../../src/core/load.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { startLosingProxy } from '../support/losing-proxy.ts';
import type { ProxiedCall } from '../support/losing-proxy.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const NEVER = new AbortController().signal;
/** Answers of the Data API that say what became of a statement: the waiting. */
const WAITING = 'DescribeStatement';

let loading: Loading;

beforeAll(async () => {
  loading = await startLoading(stack);
});

type Recorded = {
  /** The statements of each transaction, in order. */
  readonly transactions: readonly (readonly string[])[];
  readonly calls: readonly string[];
};

/** What one load of the batch sends to the Data API, in a session that has loaded before. */
async function recorded(lane: Lane, files: readonly FileEvent[], more: Partial<Batch> = {}): Promise<Recorded> {
  const target = stack.environment['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '';
  const calls: ProxiedCall[] = [];
  const proxy = await startLosingProxy(target, (call) => {
    calls.push(call);
    return 'answer';
  });
  const redshiftData = new RedshiftDataClient({ endpoint: proxy.url });
  const load = loading.anotherLoader({ warehouse: loading.warehouseThrough(redshiftData) });
  try {
    await load(aBatch('logs', [await loading.put('log_data/before.json', lines(aPlay({ sessionId: 1 })))]), NEVER);
    const from = calls.length;
    await load(aBatch(lane, files, more), NEVER);
    return shown(calls.slice(from));
  } finally {
    redshiftData.destroy();
    await proxy.stop();
  }
}

function shown(calls: readonly ProxiedCall[]): Recorded {
  return {
    transactions: calls.flatMap(({ statements }) => (statements.length === 0 ? [] : [statements])),
    calls: calls.map(({ operation }) => operation).filter((operation) => operation !== WAITING),
  };
}

function expectCheap(
  { calls, transactions }: Recorded,
  most: { statements: number; underLock: number; calls?: number },
): void {
  expect(transactions).toHaveLength(2);
  expect(calls.length).toBeLessThanOrEqual(most.calls ?? 4);
  const [staging = [], publishing = []] = transactions;
  expect(staging.length + publishing.length).toBeLessThanOrEqual(most.statements);
  expect(publishing[0]).toMatch(/^lock "\w+"\.ingest_lock_9$/);
  expect(publishing.length).toBeLessThanOrEqual(most.underLock);
  expect(publishing.filter((statement) => /^\s*(?:copy|create|drop|merge|set)\b/i.test(statement))).toEqual([]);
  expect(transactions.flat().filter((statement) => /^copy\b/i.test(statement))).toHaveLength(1);
}

const BAD_ROW = '{"page":"NextSong"}\n';
/** Statements that record what a person should look at: a quarantined file, or a file with rejected rows. */
const OPEN = 1;

test('a batch of new logs costs 2 transactions, 4 calls and 22 statements, of which 15 run under the lock', async () => {
  const known = aPlay({ sessionId: 2 });
  await loading.load('logs', [await loading.put('log_data/a.json', lines(known))]);
  const files = [
    await loading.put('log_data/b.json', lines(aPlay({ sessionId: 3 }))),
    await loading.put('log_data/c.json', 'no JSON'),
  ];
  expectCheap(await recorded('logs', files.slice(0, 1)), { statements: 22, underLock: 15 });
  files.push(await loading.put('log_data/e.json', lines(aPlay({ sessionId: 33 }))));
  expectCheap(await recorded('logs', files.slice(1)), { statements: 22 + OPEN, underLock: 15 + OPEN });
});

test('a batch that replaces costs 2 transactions, 4 calls (of songs 5) and 34 statements, also with rows that do not fit', async () => {
  await loading.load('logs', [await loading.put('log_data/r.json', lines(aPlay({ sessionId: 6 })))]);
  const files = [await loading.put('log_data/r.json', lines(aPlay({ sessionId: 7 })) + BAD_ROW)];
  expectCheap(await recorded('logs', files), { statements: 34 + OPEN, underLock: 26 + OPEN });
  expect(await loading.rows('select count(*)::int as n from rejected_rows')).toEqual([{ n: 1 }]);
  await loading.load('songs', [await loading.put('song_data/r.json', JSON.stringify(aSong({ song_id: 'SOR1' })))]);
  const song = await loading.put(
    'song_data/r.json',
    `${JSON.stringify(aSong({ song_id: 'SOR2' }))}\n{"title":"of no id"}\n`,
  );
  // One call more: which versions are live, and which days of plays the songs reach.
  expectCheap(await recorded('songs', [song]), { statements: 34 + OPEN, underLock: 26 + OPEN, calls: 5 });
});

test('a batch of songs costs 2 transactions, 4 calls and 30 statements, of which 20 run under the lock', async () => {
  const [title, artist] = ['A late song', 'Somebody'];
  const play = aPlay({ sessionId: 4, song: title, artist, length: 100.5 });
  await loading.load('logs', [await loading.put('log_data/d.json', lines(play))]);
  const song = aSong({ song_id: 'SOLATE', title, artist_name: artist, duration: 100.5 });
  const files = [await loading.put('song_data/a.json', `${JSON.stringify(song)}\n{"title":"of no id"}\n`)];
  expectCheap(await recorded('songs', files), { statements: 30 + OPEN, underLock: 20 + OPEN });
  expect(await loading.rows("select count(*)::int as n from songplays where song_id = 'SOLATE'")).toEqual([{ n: 1 }]);
});

test('a batch sends no statements for row kinds that it lacks: ignored and unreadable files, events other than plays, known files', async () => {
  const ignored = await recorded('ignored', [await loading.put('elsewhere/a.txt', 'x')]);
  expect(ignored.transactions.map(({ length }) => length)).toEqual([6, 4]);
  const unreadable = await recorded('songs', [await loading.put('song_data/bad.json', 'no JSON')]);
  expect(unreadable.transactions[1]).toHaveLength(4 + OPEN);
  const home = await loading.put('log_data/home.json', lines(aPlay({ sessionId: 5, page: 'Home' })));
  const { transactions } = await recorded('logs', [home]);
  expect(transactions[1]?.filter((statement) => /insert into (?:songplays|time|play_keys)/.test(statement))).toEqual(
    [],
  );
  expect((await recorded('logs', [home])).transactions).toHaveLength(1);
});
