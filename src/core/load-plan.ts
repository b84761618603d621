import type { CopyStatement } from './copy.ts';
import type { Dataset, Lane } from './dataset.ts';
import type { Batch, LoadSource } from './load.ts';
import type { SqlValue } from './sql-literal.ts';
import { SQL_NULL, sqlInteger, sqlRanges, sqlSchema, sqlText, sqlTimestamp } from './sql-literal.ts';
import type { TimeRange } from './time-ranges.ts';
import { TimeRanges } from './time-ranges.ts';

/** What the loader reads of a transaction. */
export type PlanAnswer = 'known' | 'reach' | 'counts';

/**
 * A part of a transaction, as data: SQL files with what their placeholders stand for, or a COPY. `answer`: the rows of the last
 * statement are read.
 */
type PlanStep =
  | {
      readonly kind: 'sql';
      readonly files: readonly string[];
      readonly values: SqlValues;
      readonly answer?: PlanAnswer;
    }
  | { readonly kind: 'copy'; readonly copy: CopyStatement };

const DAY_MS = 86_400_000;

export type SqlValues = Readonly<Record<string, SqlValue>>;

/** What runs in one transaction, in order. */
export type LoadPlan = readonly PlanStep[];

/** Learns which objects of a listing are settled already. Answer `known`: `file_number, status, batch_id` of those. */
export function knowPlan(fileList: CopyStatement): LoadPlan {
  return [
    sql(['load/know/00_drop_temp_tables.sql', 'load/know/10_create_listed_files.sql']),
    { kind: 'copy', copy: fileList },
    { ...sql(['load/know/30_known_backfill.sql']), answer: 'known' },
  ];
}

/**
 * What was read and lies in the parts. `objects`: those that were read, or found gone and are taken back; `rows`: JSON objects and
 * malformed stretches; `kept`: those that lie in the parts as rows of the dataset; `plays`: those of them that are plays; `rejected`: those that
 * do not fit. `times`: of the events that are kept.
 */
export type ReadRows = {
  readonly objects: number;
  readonly rows: number;
  readonly kept: number;
  readonly plays: number;
  readonly rejected: number;
  readonly times: readonly TimeRange[];
};

/** An object of the batch whose live version is another one than that which was read: that one's rows are replaced. `times`: where they lie. */
export type Replaced = {
  readonly fileNumber: number;
  readonly key: string;
  readonly rows: number;
  readonly times: TimeRange | null;
};

/**
 * Loads the parts into staging and prepares what is published. Answers: `known` of a batch that did not ask before it read, as
 * `knowPlan`; `reach` of songs, one row, see `90_reach.sql`.
 */
export function stagePlan(input: {
  readonly batch: Batch;
  readonly read: ReadRows;
  readonly events: readonly TimeRange[];
  readonly copy: CopyStatement;
}): LoadPlan {
  const { batch, copy, events, read } = input;
  const dataset = stagingOf(batch);
  const folder = `load/${dataset}/stage`;
  return [
    sql([`${folder}/00_drop_temp_tables.sql`, `${folder}/10_create_staging.sql`]),
    { kind: 'copy', copy },
    sql(['load/ledger/20_batch_objects.sql'], { reloads: sqlInteger(batch.isReload === true ? 1 : 0) }),
    ...(read.objects === 0 ? [] : AFTER_COPY[dataset]),
    known(batch, events),
  ];
}

/** A backfill has asked for its files before it read. */
const KNOWS: Readonly<Record<LoadSource, number>> = { backfill: 0, retract: 0, replay: 1, live: 2 };

function known({ id, source }: Batch, events: readonly TimeRange[]): PlanStep {
  const values = { event_times: sqlRanges(events), knows: sqlInteger(KNOWS[source]), batch_id: sqlText(id) };
  return { ...sql(['load/ledger/10_known.sql'], values), answer: 'known' };
}

/** Files that are ignored have no rows; the staging table of logs takes them, too. */
export function stagingOf({ lane }: Batch): Dataset {
  return lane === 'songs' ? 'songs' : 'logs';
}

const AFTER_COPY: Readonly<Record<Dataset, LoadPlan>> = {
  logs: [sql(['load/logs/stage/40_batch_plays.sql', 'load/logs/stage/50_batch_users.sql'])],
  songs: [
    sql(['load/songs/stage/30_batch_sources.sql']),
    { ...sql(['load/songs/stage/90_reach.sql']), answer: 'reach' },
  ],
};

/** How many objects of a dataset are live. Answer `counts`: a row. */
export function liveObjectsPlan(dataset: Lane): LoadPlan {
  return [{ ...sql(['load/know/50_live_objects.sql'], { dataset: sqlText(dataset) }), answer: 'counts' }];
}

/** What taking objects back would change. Answer `counts`: a row. */
export function retractionPlan(fileList: CopyStatement): LoadPlan {
  return [
    sql(['load/know/00_drop_temp_tables.sql', 'load/know/10_create_listed_files.sql']),
    { kind: 'copy', copy: fileList },
    { ...sql(['load/know/40_retraction.sql']), answer: 'counts' },
  ];
}

/** Waits for whoever publishes, then asks whether this batch is committed and what it counted. Answer `counts`: a row, or none. */
export function committedPlan(batch: Batch, schema: string): LoadPlan {
  return [takeLock(schema), countsOf(batch)];
}

/** What the stages learned and the publishing transaction states. */
export type PublishFacts = {
  readonly schema: string;
  readonly batch: Batch;
  readonly events: readonly TimeRange[];
  /** When it was known which files are settled; `null` of a batch that asked in its stage step. */
  readonly knownAtMs: number | null;
  readonly readAtMs: number;
  readonly stagedAtMs: number;
  readonly consumer: string;
  readonly manifestUri: string;
  readonly queryIds: readonly number[];
  /** Rejected rows of the batch that are kept at most. */
  readonly rejectedRowsMax: number;
  readonly read: ReadRows;
  /** The days of plays that a batch of songs may repair, as the stage step saw them; `null`: no play. */
  readonly reach: TimeRange | null;
  readonly replaced: readonly Replaced[];
  /** The stage step found the live version of an object as it is. */
  readonly hasSeenAgain: boolean;
  /** Rows are written as if any of them could be there already, even where none is: for tests. */
  readonly isAlwaysExact: boolean;
  /** The ledger has entries of the batch's files that may change, as the stage step saw the ledger. */
  readonly hasSetAside: boolean;
  /** A publish was rolled back: perhaps because the stage step saw less than there is by now. */
  readonly isAgain: boolean;
};

/** The lock first, then rows and ledger in one transaction. Nothing is done for what the batch does not have. Answer `counts`. */
export function publishPlan(facts: PublishFacts): LoadPlan {
  const { batch, read } = facts;
  const values = {
    ...{ batch_id: sqlText(batch.id), dataset: sqlText(batch.lane), event_times: sqlRanges(facts.events) },
    rejected_rows_max: sqlInteger(facts.rejectedRowsMax),
  };
  const ledger = (file: string, names: readonly (keyof typeof values)[]): PlanStep =>
    sql([`load/ledger/${file}`], Object.fromEntries(names.map((name) => [name, values[name]])));
  const mayChange = facts.hasSetAside || facts.isAgain || batch.source !== 'live';
  return [
    takeLock(facts.schema),
    ...(read.objects === 0 ? [] : PUBLISH_ROWS[stagingOf(batch)](facts)),
    ...(batch.source === 'backfill' ? [ledger('40_solve_set_aside.sql', ['batch_id'])] : []),
    ...(mayChange ? [ledger('50_files_set_aside.sql', ['batch_id', 'event_times'])] : []),
    ledger('60_files.sql', ['batch_id', 'dataset', 'event_times']),
    ...(facts.replaced.length === 0 ? [] : [ledger('45_superseded_files.sql', ['batch_id'])]),
    ...(read.rejected === 0 ? [] : [ledger('70_rejected_rows.sql', ['batch_id', 'dataset', 'rejected_rows_max'])]),
    sql(['load/ledger/80_batch.sql'], batchValues(facts)),
    countsOf(batch),
  ];
}

function takeLock(schema: string): PlanStep {
  return sql(['load/ledger/00_take_lock.sql'], { schema: sqlSchema(schema) });
}

function countsOf(batch: Batch): PlanStep {
  const values = { batch_id: sqlText(batch.id), not_before: publishedNotBefore(batch) };
  return { ...sql(['load/ledger/05_committed_batch.sql'], values), answer: 'counts' };
}

const PUBLISH_ROWS: Readonly<Record<Dataset, (facts: PublishFacts) => LoadPlan>> = {
  logs: publishLogs,
  songs: publishSongs,
};

/**
 * *Append* writes rows of which the star has none: no object of the batch had a live version, and no event stands in another
 * object. *Exact* replaces and takes back. A guard makes the wrong append fail, and the next attempt is exact.
 */
function isExact({ batch, isAgain, isAlwaysExact, replaced }: PublishFacts): boolean {
  return isAlwaysExact || isAgain || batch.isReload === true || replaced.length > 0;
}

function publishLogs(facts: PublishFacts): LoadPlan {
  const { batch, isAgain, read, replaced } = facts;
  const times = new TimeRanges();
  times.addAll(read.times);
  for (const { times: were } of replaced) if (were !== null) times.addAll([were]);
  const batchId = { batch_id: sqlText(batch.id) };
  const inTimes = { times: sqlRanges(times.all) };
  const logs = (files: readonly string[], values: SqlValues): PlanStep =>
    sql(
      files.map((file) => `load/logs/${file}`),
      values,
    );
  const objects = [...replacedObjects(facts), logs(['publish/40_objects.sql'], batchId)];
  const keysAndTime = ['publish/15_play_keys.sql', 'publish/20_time.sql'];
  if (!isExact(facts)) {
    return [
      ...(read.plays === 0 ? [] : [logs(['append/10_songplays.sql', ...keysAndTime], { ...batchId, ...inTimes })]),
      ...(read.kept === 0 ? [] : [logs(['append/30_users.sql'], {})]),
      ...objects,
      logs(['append/80_counts.sql'], inTimes),
    ];
  }
  const fallback = { fallback: sqlRanges(isAgain ? [ALL_TIME] : withDaysBefore(times.all)) };
  return [
    logs(['exact/10_play_choice.sql'], inTimes),
    logs(['exact/20_songplays.sql', ...keysAndTime, 'exact/25_time.sql'], { ...batchId, ...inTimes }),
    logs(['exact/30_user_choice.sql', 'exact/35_users.sql'], { ...inTimes, ...fallback }),
    ...objects,
    logs(['exact/80_counts.sql'], {
      reads_all_users: sqlInteger(isAgain ? 1 : 0),
      days_before: sqlInteger(DAYS_BEFORE),
    }),
  ];
}

/** Where the event before the one that was taken back lies, of a user who comes now and then. */
const DAYS_BEFORE = 35;

function withDaysBefore(times: readonly TimeRange[]): readonly TimeRange[] {
  const ranges = new TimeRanges();
  ranges.addAll(times.map(({ maxMs, minMs }) => ({ minMs: Math.max(0, minMs - DAYS_BEFORE * DAY_MS), maxMs })));
  return ranges.all;
}

function replacedObjects({ batch, hasSeenAgain, replaced }: PublishFacts): LoadPlan {
  const seen = sql(['load/ledger/36_seen_again.sql'], { batch_id: sqlText(batch.id) });
  return [
    ...(replaced.length === 0 ? [] : [sql(['load/ledger/35_replaced_objects.sql'])]),
    ...(hasSeenAgain ? [seen] : []),
  ];
}

function publishSongs(facts: PublishFacts): LoadPlan {
  const { batch, isAgain, reach } = facts;
  const days = isAgain ? ALL_TIME : reach;
  const range = {
    min_start_time: sqlTimestamp((days ?? NO_TIME).minMs),
    max_start_time: sqlTimestamp((days ?? NO_TIME).maxMs),
  };
  const batchId = { batch_id: sqlText(batch.id) };
  const songs = (files: readonly string[], values: SqlValues = {}): PlanStep =>
    sql(
      files.map((file) => `load/songs/publish/${file}`),
      values,
    );
  return [
    songs(['10_affected.sql']),
    ...(facts.replaced.length === 0 ? [] : [songs(['12_replaced_sources.sql'])]),
    songs(['14_song_sources.sql'], batchId),
    songs(['20_songs.sql', '30_artists.sql', '40_matches.sql']),
    ...(days === null ? [] : [songs(['50_repair_songplays.sql'], range)]),
    ...replacedObjects(facts),
    songs(['60_objects.sql'], batchId),
    songs(['80_counts.sql'], range),
  ];
}

/** No play lies in it. */
const NO_TIME: TimeRange = { minMs: 0, maxMs: -1 };
/** More than the times of plays that the load accepts. */
const ALL_TIME: TimeRange = { minMs: 0, maxMs: 9_999_999_999_999 };

function batchValues(facts: PublishFacts): SqlValues {
  const { batch, knownAtMs, read } = facts;
  return {
    batch_id: sqlText(batch.id),
    event_times: sqlRanges(facts.events),
    not_before: publishedNotBefore(batch),
    dataset: sqlText(batch.lane),
    source: sqlText(batch.source),
    close_reason: sqlText(batch.closeReason),
    files: sqlInteger(batch.files.length),
    bytes: sqlInteger(batch.bytes),
    rows_staged: sqlInteger(read.rows),
    rows_rejected: sqlInteger(read.rejected),
    opened_at: sqlTimestamp(batch.openedAtMs),
    closed_at: sqlTimestamp(batch.closedAtMs),
    rested_ms: sqlInteger(batch.restedMs),
    known_at: knownAtMs === null ? SQL_NULL : sqlTimestamp(knownAtMs),
    read_at: sqlTimestamp(facts.readAtMs),
    staged_at: sqlTimestamp(facts.stagedAtMs),
    consumer: sqlText(facts.consumer),
    manifest_uri: sqlText(facts.manifestUri),
    query_ids: sqlText(facts.queryIds.join(',').slice(0, 1024)),
  };
}

/**
 * No batch is published before it was opened, so the ledger of earlier days need not be read to find it. The two times
 * are of different clocks, but AWS refuses whoever is wrong by more than minutes; a day is room enough.
 */
function publishedNotBefore(batch: Batch): SqlValue {
  return sqlTimestamp(batch.openedAtMs - DAY_MS);
}

function sql(files: readonly string[], values: SqlValues = {}) {
  return { kind: 'sql', files, values } as const;
}
