import type { CopyStatement } from './copy.ts';
import type { Dataset } from './dataset.ts';
import type { Batch } from './load.ts';
import type { SqlValue } from './sql-literal.ts';
import { SQL_NULL, sqlInteger, sqlRanges, sqlSchema, sqlText, sqlTimestamp } from './sql-literal.ts';
import type { TimeRange } from './time-ranges.ts';

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
 * What was read and lies in the parts. `rows`: JSON objects and malformed stretches; `kept`: those that lie in the parts as rows of
 * the dataset; `rejected`: those that do not fit. `starts`: when the plays began.
 */
export type ReadRows = {
  readonly rows: number;
  readonly kept: number;
  readonly rejected: number;
  readonly starts: readonly TimeRange[];
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
    ...(read.kept === 0 ? [] : AFTER_COPY[dataset]),
    ...known(batch, events),
  ];
}

/** A backfill has asked before it read. */
function known({ source }: Batch, events: readonly TimeRange[]): LoadPlan {
  if (source === 'backfill') return [];
  const values = { event_times: sqlRanges(events), knows_set_aside: sqlInteger(source === 'live' ? 1 : 0) };
  return [{ ...sql(['load/ledger/10_known.sql'], values), answer: 'known' }];
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
    ...(read.kept === 0 ? [] : PUBLISH_ROWS[stagingOf(batch)](facts)),
    ...(batch.source === 'backfill' ? [ledger('40_solve_set_aside.sql', ['batch_id'])] : []),
    ...(mayChange ? [ledger('50_files_set_aside.sql', ['batch_id', 'event_times'])] : []),
    ledger('60_files.sql', ['batch_id', 'dataset', 'event_times']),
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

function publishLogs({ batch, read }: PublishFacts): LoadPlan {
  const values = { batch_id: sqlText(batch.id), starts: sqlRanges(read.starts) };
  const plays = ['10_songplays.sql', '15_play_keys.sql', '20_time.sql'];
  const files = [...(read.starts.length === 0 ? [] : plays), '30_users.sql', '80_counts.sql'];
  return [
    sql(
      files.map((file) => `load/logs/publish/${file}`),
      values,
    ),
  ];
}

function publishSongs({ batch, isAgain, reach }: PublishFacts): LoadPlan {
  const days = isAgain ? ALL_TIME : reach;
  const range = {
    min_start_time: sqlTimestamp((days ?? NO_TIME).minMs),
    max_start_time: sqlTimestamp((days ?? NO_TIME).maxMs),
  };
  return [
    sql(['load/songs/publish/10_song_sources.sql'], { batch_id: sqlText(batch.id) }),
    sql(['20_songs.sql', '30_artists.sql', '40_matches.sql'].map((file) => `load/songs/publish/${file}`)),
    ...(days === null ? [] : [sql(['load/songs/publish/50_repair_songplays.sql'], range)]),
    sql(['load/songs/publish/80_counts.sql'], range),
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
