import pg from 'pg';
import { gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import type { FileEvent } from '../src/core/file-event.ts';
import { createLoadBatch } from '../src/loaders/load-batch.ts';
import { migrate } from '../src/schema/migrate.ts';
import { logLine } from '../test/support/log-lines.ts';
import { fullReload, putManifest } from './backfill-floor.ts';
import { throwUnlessEqual } from './backfill.ts';
import { HISTORY_END_MS, SONGS_AT_LEAST, USERS_AT_LEAST, growHistory } from './flat-history.ts';
import type { LoaderWorld } from './loader-world.ts';
import { batchOf, openWorld } from './loader-world.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { spread } from './quantiles.ts';
import { stopAutovacuum } from './quiet-engine.ts';
import type { BenchStack } from './start-stack.ts';
import { startStack } from './start-stack.ts';

export type OneMoreDayPlan = { readonly days: readonly number[]; readonly playsPerDay: number };

export const FULL_PLAN: OneMoreDayPlan = { days: [1, 30, 365, 1_000], playsPerDay: 1_000 };
export const QUICK_PLAN: OneMoreDayPlan = { days: [1, 10], playsPerDay: 1_000 };

export type OneMoreDayResult = {
  readonly machine: Machine;
  readonly plan: OneMoreDayPlan;
  readonly curve: readonly {
    readonly days: number;
    /** One more day of logs: median of the days that were measured. */
    readonly loadMs: number;
    /** All days, that one included, into empty tables. */
    readonly reloadMs: number;
  }[];
};

const DAY_MS = 86_400_000;
const FILES_PER_DAY = 20;
/** Each of them is one more; the first one fills caches and is not measured. */
const MORE_DAYS = 4;
const PLAYS_PER_PART = 50_000;
const NEVER = new AbortController().signal;

/**
 * Loads one more day of logs on top of longer and longer history, and compares that with what the usual pipeline does every day: COPY of all
 * days and SQL that fills empty tables. Both end with the same number of rows in every table.
 */
export async function measureOneMoreDay(plan: OneMoreDayPlan, say: (line: string) => void): Promise<OneMoreDayResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  const world = openWorld(stack.environment);
  const client = new pg.Client({ connectionString: stack.psqlUrl });
  await client.connect();
  try {
    await stopAutovacuum(client);
    const curve: OneMoreDayResult['curve'][number][] = [];
    for (const days of plan.days) curve.push(await measureDays({ client, stack, world, plan, say }, days));
    return { machine: describeMachine(), plan, curve };
  } finally {
    await client.end();
    world.close();
    await stack.stop();
  }
}

type Parts = {
  readonly client: pg.Client;
  readonly stack: BenchStack;
  readonly world: LoaderWorld;
  readonly plan: OneMoreDayPlan;
  readonly say: (line: string) => void;
};

async function measureDays(parts: Parts, days: number): Promise<OneMoreDayResult['curve'][number]> {
  const { client, plan, say, stack, world } = parts;
  say(`history of ${days} days`);
  const schema = `days_${days}`;
  const loadParts = world.loadParts(schema);
  await migrate({ ...loadParts, schema }, { reset: false, signal: NEVER });
  await client.query(`set search_path to ${schema}, redshift_compat`);
  const { bucket } = world.route;
  await growHistory(client, { bucket, plays: days * plan.playsPerDay, everyMs: DAY_MS / plan.playsPerDay });
  say('one more day');
  const loadBatch = createLoadBatch(loadParts);
  const loadMs: number[] = [];
  for (let more = 0; more < MORE_DAYS; more += 1) {
    const files = await putDay(world, more, plan.playsPerDay);
    const batch = batchOf({ lane: 'logs', source: 'live', files });
    const beganMs = performance.now();
    await loadBatch(batch, NEVER);
    loadMs.push(performance.now() - beganMs);
  }
  say(`the full reload of ${days + MORE_DAYS} days`);
  const from = { events: await putEvents(parts, days), songs: await putSongs(parts) };
  const reload = await fullReload(world, `reload_${days}`, from);
  await throwUnlessEqual(stack, [schema, `reload_${days}`]);
  return { days, loadMs: spread(loadMs.slice(1)).p50, reloadMs: reload.copyMs + reload.reloadMs };
}

/** Files with the plays of the `more`-th day after history. */
async function putDay(world: LoaderWorld, more: number, plays: number): Promise<readonly FileEvent[]> {
  const { bucket } = world.route;
  const perFile = plays / FILES_PER_DAY;
  const files = Array.from({ length: FILES_PER_DAY }, async (_, file): Promise<FileEvent> => {
    const lines = Array.from({ length: perFile }, (_line, place) => play(more, file * perFile + place, plays));
    const body = lines.join('');
    const key = `log_data/more-${more}-${file}.json`;
    await world.store.put({ bucket, key, body, contentType: 'application/json', signal: NEVER });
    const etag = createHash('md5').update(body).digest('hex');
    const eventTimeMs = HISTORY_END_MS + (more + 1) * DAY_MS;
    const size = Buffer.byteLength(body);
    return { change: 'put', bucket, key, etag, versionId: null, sequencer: null, size, eventTimeMs };
  });
  return await Promise.all(files);
}

/** By a known user; two of five plays match a song. */
function play(more: number, number: number, plays: number): string {
  const song = 1 + ((number * 7) % SONGS_AT_LEAST);
  return logLine({
    sessionId: 100_000_000 + more * plays + Math.floor(number / 20),
    itemInSession: number % 20,
    userId: String(1 + (number % USERS_AT_LEAST)),
    ts: HISTORY_END_MS + more * DAY_MS + (number * DAY_MS) / plays + 100,
    song: number % 5 < 2 ? `Song ${song}` : `Unheard ${song}`,
    artist: `Artist ${Math.floor((song - 1) / 3)}`,
    length: 120.5 + (song % 300),
  });
}

const EPOCH_MS = (time: string) => `(extract(epoch from ${time}) * 1000)::bigint`;

/** The plays of the schema as typed rows: what a full reload copies. @returns the URI of a manifest. */
async function putEvents({ client, plan, world }: Parts, days: number): Promise<string> {
  const uris: string[] = [];
  const step = Math.ceil(PLAYS_PER_PART / plan.playsPerDay);
  for (let day = -days; day < MORE_DAYS; day += step) {
    const [from, to] = [day, Math.min(day + step, MORE_DAYS)].map((at) => HISTORY_END_MS + at * DAY_MS + 1);
    const rows = `select 'E' as kind, 1 as is_play, p.songplay_id, ${EPOCH_MS('p.start_time')} as start_time, p.user_id,
        p.session_id, p.item_in_session, p.level, u.first_name, u.last_name, u.gender, p.location, p.user_agent,
        p.song_title, p.artist_name, p.song_length, p.match_key, p.songplay_id as play_hash, p.songplay_id as user_hash
      from songplays p join users u on u.user_id = p.user_id
      where p.start_time >= to_timestamp(${from} / 1000.0) at time zone 'UTC'
        and p.start_time < to_timestamp(${to} / 1000.0) at time zone 'UTC'`;
    uris.push(await putPart(client, world, `reload/events-${days}-${uris.length}.json.gz`, rows));
  }
  return await putManifest(world, `reload/events-${days}`, uris);
}

async function putSongs({ client, world }: Parts): Promise<string> {
  const numbered = `select row_number() over (order by source_id) as file_number, * from song_sources`;
  const rows = `select 'F' as kind, file_number, ${EPOCH_MS('last_modified')} as last_modified, null as song_id
      from (${numbered}) f`;
  const songs = `select 'S' as kind, file_number, row_number, song_id, title, artist_id, artist_name, artist_location,
      artist_latitude, artist_longitude, year, duration, match_key from (${numbered}) s`;
  const uris = [
    await putPart(client, world, 'reload/files.json.gz', rows),
    await putPart(client, world, 'reload/songs.json.gz', songs),
  ];
  return await putManifest(world, 'reload/songs', uris);
}

/** Writes the rows of a query as gzipped JSON lines. */
async function putPart(client: pg.Client, world: LoaderWorld, key: string, rows: string): Promise<string> {
  const asked = await client.query<{ lines: string }>(
    `select coalesce(string_agg(row_to_json(r)::text, e'\\n'), '') as lines from (${rows}) r`,
  );
  const body = gzipSync(asked.rows[0]?.lines ?? '', { level: 1 });
  const { bucket } = world.route;
  await world.store.put({ bucket, key, body, contentType: 'application/json', signal: NEVER });
  return `s3://${bucket}/${key}`;
}
