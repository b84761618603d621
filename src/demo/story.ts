import { countOf } from '../core/count-of.ts';
import { IngestError } from '../core/errors.ts';
import { ALL_PLAYS, listQuestions, runAnalyze } from '../analyze/run-analyze.ts';
import { newRunId } from '../app/compose.ts';
import { SETTINGS } from '../app/settings.ts';
import { renderAnswer } from '../terminal/answers.ts';
import { formatNumber, renderTable } from '../terminal/table.ts';
import { renderVerify } from '../terminal/verify-report.ts';
import { WHOLE } from '../verify/part.ts';
import { runVerify } from '../verify/run-verify.ts';
import { DEMO_LINGER_MS } from './demo-world.ts';
import type { DemoData, DemoFile } from './demo-data.ts';
import type { DemoWorld } from './demo-world.ts';
import type { Answer } from '../analyze/run-analyze.ts';
import type { Narrator } from './narrator.ts';

/** One chapter. */
type Step = (scene: Scene) => Promise<void>;
type Scene = { readonly world: DemoWorld; readonly data: DemoData; readonly tell: Narrator };

const ARRIVAL_EVERY_MS = 320;

const createTables: Step = async ({ world, tell }) => {
  tell.chapter('The tables are created, and a consumer starts');
  const applied = await world.migrate();
  tell.result(`sparkify migrate: ${countOf(applied.length, 'file')} applied, up to ${applied.at(-1) ?? 'none'}`);
  world.startConsumer();
  tell.result('sparkify consume: long polling the queue');
};

const filesArrive: Step = async ({ world, data, tell }) => {
  const { logs, songs } = data;
  tell.chapter(`${logs.length} log files and ${songs.length} songs arrive in the bucket, one after another`);
  const songsPerTurn = Math.ceil(songs.length / logs.length);
  for (const [turn, log] of logs.entries()) {
    const company = songs.slice(turn * songsPerTurn, (turn + 1) * songsPerTurn);
    await Promise.all([log, ...company].map(async (file) => await world.put(file)));
    await world.clock.sleep(ARRIVAL_EVERY_MS, world.signal);
    world.signal.throwIfAborted();
  }
  await settle(world, [...logs, ...songs]);
  tell.result(`all of it is loaded: ${await counts(world)}`);
};

const lateSongsArrive: Step = async ({ world, data, tell }) => {
  tell.chapter(`${data.lateSongs.length} songs arrive late, after their plays`);
  const before = await knownShare(world);
  const repairedBefore = world.watch.repaired;
  await Promise.all(data.lateSongs.map(async (file) => await world.put(file)));
  await settle(world, data.lateSongs);
  const repaired = world.watch.repaired - repairedBefore;
  tell.result(
    `${formatNumber(repaired)} earlier plays were repaired: ${before}% of plays had a known song, now ${await knownShare(world)}%`,
  );
};

const deliveredAgain: Step = async ({ world, data, tell }) => {
  tell.chapter('The queue delivers every notification a second time');
  const writtenBefore = world.watch.written;
  const files = [...data.logs, ...data.songs, ...data.lateSongs];
  const messages = await world.deliverAgain();
  await settle(world, files, 2);
  const written = world.watch.written - writtenBefore;
  const known = files.filter((file) => world.watch.lastOf(file.key)?.status === 'known').length;
  const outcome = `${countOf(messages, 'message')}, ${countOf(known, 'file')} recognised, ${countOf(written, 'row')} written`;
  if (written === 0) tell.result(`${outcome}: nothing changed`);
  else tell.warn(`${outcome}; there should be none`);
};

const brokenFileArrives: Step = async ({ world, data, tell }) => {
  tell.chapter('A broken file arrives beside a good one');
  const files = [data.broken, data.besideBroken];
  await Promise.all(files.map(async (file) => await world.put(file)));
  await settle(world, files);
  const [broken, good] = files.map((file) => world.watch.lastOf(file.key)?.status ?? 'unknown');
  tell.result(
    `the broken one is ${broken ?? '?'} up to its cut-off line, which is in rejected_rows; the good one is ${good ?? '?'}`,
  );
};

const oneMoreFile: Step = async ({ world, data, tell }) => {
  tell.chapter('One more file: how long until its row is there?');
  const sentAtMs = world.clock.nowMs();
  await world.put(data.oneMore);
  await settle(world, [data.oneMore]);
  const committedAtMs = world.watch.lastOf(data.oneMore.key)?.committedAtMs ?? Number.NaN;
  const ms = committedAtMs - sentAtMs;
  tell.result(
    `${formatNumber(ms)} ms from the upload to the committed row (${DEMO_LINGER_MS} ms of it waiting for more files; without ` +
      `SPARKIFY_LINGER_MS a consumer waits ${formatNumber(Number(SETTINGS.SPARKIFY_LINGER_MS.default))} ms)`,
  );
};

const analystsAsk: Step = async ({ world, tell }) => {
  tell.chapter('What the analysts see');
  const [row] = await world.ask('demo/table_counts.sql');
  tell.block(
    renderTable(
      ['table', 'rows'],
      Object.entries(row ?? {}).map(([table, rows]) => [table, rows]),
    ),
  );
  for (const answer of await answersTo(world, ['top_artists', 'free_and_paid']))
    tell.block(`\n${renderAnswer({ ...answer, rows: answer.rows.slice(0, 6) }, tell.columns)}`);
};

const fullReload: Step = async ({ world, tell }) => {
  tell.chapter('Is all this what a full reload of the bucket would have given?');
  const { config, parts, warehouse, signal } = world;
  const report = await runVerify({
    warehouse,
    library: parts.library,
    store: parts.store,
    bucket: config.bucket,
    schema: config.warehouse.schema,
    copyRoleArn: config.copy.roleArn,
    runId: newRunId(),
    part: WHOLE,
    onStep: (sentence) => tell.event(sentence),
    onReading: () => () => undefined,
    signal,
  });
  tell.block(renderVerify(report, tell.columns));
  if (!report.equal) throw new IngestError('unknown', 'The tables differ from a full reload; please report this.');
};

export const STORY: readonly Step[] = [
  createTables,
  filesArrive,
  lateSongsArrive,
  deliveredAgain,
  brokenFileArrives,
  oneMoreFile,
  analystsAsk,
  fullReload,
];

async function settle(world: DemoWorld, files: readonly DemoFile[], times = 1): Promise<void> {
  await world.watch.settled(
    files.map((file) => file.key),
    times,
    world.signal,
  );
}

async function counts(world: DemoWorld): Promise<string> {
  const [row] = await world.ask('demo/table_counts.sql');
  return Object.entries(row ?? {})
    .map(([table, rows]) => `${formatNumber(Number(rows))} ${table}`)
    .join(', ');
}

async function knownShare(world: DemoWorld): Promise<string> {
  const [answer] = await answersTo(world, ['known_songs']);
  return Number(answer?.rows[0]?.['percent_known'] ?? 0).toFixed(0);
}

async function answersTo(world: DemoWorld, names: readonly string[]): Promise<readonly Answer[]> {
  return await runAnalyze({
    session: world.warehouse.openSession(),
    library: world.parts.library,
    schema: world.config.warehouse.schema,
    questions: listQuestions(world.parts.library).filter(({ name }) => names.includes(name)),
    plays: ALL_PLAYS,
    token: `demo-${newRunId()}`,
    signal: world.signal,
  });
}
