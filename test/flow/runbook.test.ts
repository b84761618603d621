import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VERBS } from '../../src/cli/verbs.ts';
import type { Batch, BatchId } from '../../src/core/load.ts';
import { commandsOf } from '../docs/commands-in-page.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import type { TestPlace } from '../support/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const stack = useStack();
const PAGE = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const KEY = 'log_data/2018/11/2018-11-12-events.json';
const BAD_KEY = 'log_data/2018/11/2018-11-12-broken.json';
const BATCH = '20181115T120000-0123456789ab' as BatchId;
const DAY = Date.UTC(2018, 10, 15);
const ADA = aPlay({ ts: DAY + 2, userId: '26', firstName: 'Ada', song: 'Unknown' });
const OTHER = aPlay({ ts: DAY + 1 });

/** The commands of the runbook, each once, in order. */
const COMMANDS = new Set(
  commandsOf(PAGE)
    .filter(({ inBlock, words }) => words[0] === 'sparkify' && (inBlock || words.length > 1))
    .map(({ words }) => words.slice(1).join(' ')),
);

/** What the commands say that end with 1, because they find something. */
const FINDS: Readonly<Record<string, RegExp>> = {
  'backfill --reload': /Quarantined 1 file/,
  'cluster resume': /Resuming the cluster/,
  'status --check': /1 quarantined file/,
  'verify --quick': /differ/i,
  'verify --day 2018-11-15 --keys differing.txt': /differ/i,
};

/** What happens before a command. */
const BEFORE: Readonly<Record<string, (loading: Loading) => Promise<unknown>>> = {
  [`files ${KEY}`]: async (loading) => await loading.load('logs', [await loading.put(BAD_KEY, '')]),
  // The tables were dropped.
  'explain user 26 --objects': loadLog,
  'verify --quick': async (loading) => await loading.rows(`update songplays set location = 'by hand'`),
};

it('every command of docs/runbook.md does what the section says', async () => {
  const place = await stack.place();
  const loading = await startLoading(stack, place);
  // The settings of other tests are none of a command.
  for (const name of Object.keys(process.env))
    if (name.startsWith('SPARKIFY_')) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, place.environment, { SPARKIFY_LINGER_MS: '100' });
  await prepare(loading);
  const folder = temporaryFolder();
  for (const command of COMMANDS) {
    await BEFORE[command]?.(loading);
    const words = command.split(' ').map((word) => (word === 'differing.txt' ? join(folder, word) : word));
    const { code, text } = await run(words, place);
    const found = FINDS[command];
    expect(code, `sparkify ${command}\n${text}`).toBe(found === undefined ? 0 : 1);
    if (found !== undefined) expect(text).toMatch(found);
  }

  // "How do I forget a person?": the owner of the file writes it again.
  await loading.put(KEY, lines(OTHER));
  expect((await run(['consume', '--until-idle'], place)).code).toBe(0);
  const { code, text } = await run(['explain', 'user', '26', '--objects'], place);
  expect([code, text]).toEqual([2, expect.stringContaining('has no user 26') as string]);
  expect(await loading.counts()).toMatchObject({ songplays: 1, users: 1 });
  const others = ['play_rivals', 'user_sources', 'rejected_rows'].map((table) => `select * from ${table}`);
  for (const sql of others) expect(JSON.stringify(await loading.rows(sql))).not.toContain('Ada');
});

async function prepare(loading: Loading): Promise<void> {
  const bad = await loading.put(BAD_KEY, 'no JSON');
  await loading.load('logs', [bad]);
  await loading.load('songs', [await loading.put('song_data/a.json', JSON.stringify(aSong()))]);
  await loadLog(loading, { id: BATCH });
}

async function loadLog(loading: Loading, more: Partial<Batch> = {}): Promise<void> {
  await loading.load('logs', [await loading.put(KEY, lines(OTHER, ADA))], more);
}

/** The command in this process: two dozen starts of the program would cost more than all that the commands do. */
async function run(words: readonly string[], place: TestPlace): Promise<{ code: number | null; text: string }> {
  const [name = '', ...rest] = words;
  if (name === 'consume') {
    // It changes flags of V8.
    const environment = { ...place.environment, SPARKIFY_LINGER_MS: '100' };
    const { code, stderr, stdout } = await runSparkify({ args: words, environment });
    return { code, text: stdout + stderr };
  }
  let text = '';
  const write = (some: string) => {
    text += some;
  };
  const verb = VERBS.find((one) => one.name === name);
  if (verb === undefined) throw new Error(`There is no command "${name}".`);
  const command = (await verb.load())({ out: write, err: write, isTerminal: false });
  const before = process.exitCode;
  await command.parseAsync(rest, { from: 'user' });
  const code = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return { code, text };
}
