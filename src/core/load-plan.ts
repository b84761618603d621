import type { CopyStatement } from './copy.ts';
import type { Dataset } from './dataset.ts';
import type { Batch } from './load.ts';
import type { SqlValue } from './sql-literal.ts';
import { SQL_NULL, sqlInteger, sqlText, sqlTimestamp } from './sql-literal.ts';

/** A part of a transaction, as data: SQL files with what their placeholders stand for, or a COPY. */
type PlanStep =
  | { readonly kind: 'sql'; readonly files: readonly string[]; readonly values: SqlValues }
  | { readonly kind: 'copy'; readonly copy: CopyStatement };

const DAY_MS = 86_400_000;

export type SqlValues = Readonly<Record<string, SqlValue>>;

/** What runs in one transaction, in order. In every plan the last statement is the one whose rows are read. */
export type LoadPlan = readonly PlanStep[];

export type TimeRange = { readonly minMs: number; readonly maxMs: number };

/** Learns which files are settled already. Result: `file_number, status, batch_id` of those. */
export function knowPlan(batch: Batch, events: TimeRange, fileList: CopyStatement): LoadPlan {
  const question = {
    live: { file: 'load/know/20_known_live.sql', values: eventRange(events) },
    backfill: { file: 'load/know/30_known_backfill.sql', values: {} },
    replay: { file: 'load/know/25_known_replay.sql', values: eventRange(events) },
  }[batch.source];
  return [
    sql(['load/know/00_drop_temp_tables.sql', 'load/know/10_create_batch_files.sql']),
    { kind: 'copy', copy: fileList },
    sql([question.file], question.values),
    sql(['load/know/40_forget_known.sql']),
  ];
}

/** Loads the parts into staging and prepares what is published. Result for songs: one row, see `90_reach.sql`. */
export function stagePlan(dataset: Dataset, copy: CopyStatement): LoadPlan {
  const folder = `load/${dataset}/stage`;
  const table = dataset === 'logs' ? '10_create_staging_events' : '10_create_staging_songs';
  return [
    sql([`${folder}/00_drop_temp_tables.sql`, `${folder}/${table}.sql`]),
    { kind: 'copy', copy },
    sql(AFTER_COPY[dataset]),
  ];
}

/** Waits for whoever publishes, then asks whether this batch is committed and what it counted. */
export function committedPlan(batch: Batch): LoadPlan {
  return [
    sql(['load/ledger/00_take_lock.sql']),
    sql(['load/ledger/05_committed_batch.sql'], { batch_id: sqlText(batch.id), not_before: publishedNotBefore(batch) }),
  ];
}

/**
 * What COPY brought. `rejected`: how many of `rows` do not fit; `starts`: the range of time of the plays, of songs of
 * those that they may repair.
 */
export type StagedRows = { readonly rows: number; readonly rejected: number; readonly starts: TimeRange | null };

/** Of which plays a batch of songs looks for those that it repairs. */
type RepairReach = 'staged' | 'all';

/** What the stages learned and the publishing transaction states. */
export type PublishFacts = {
  readonly batch: Batch;
  readonly events: TimeRange;
  readonly knownAtMs: number;
  readonly stagedAtMs: number;
  readonly consumer: string;
  readonly manifestUri: string | null;
  readonly queryIds: readonly number[];
  readonly outcomes: CopyStatement | null;
  /** Another batch loads those of the files whose outcome is `unread`. */
  readonly leavesUnread: boolean;
  /** Rejected rows of the batch that are kept at most. */
  readonly rejectedRowsMax: number;
  /** `null`: no file was left to stage. */
  readonly staged: StagedRows | null;
  /** `all` after a publish was rolled back: perhaps because `staged.starts` is too narrow by now. */
  readonly repairReach: RepairReach;
};

/** The lock first, then rows and ledger in one transaction. Result: one row of counts. */
export function publishPlan(facts: PublishFacts): LoadPlan {
  const said = facts.outcomes === null ? [] : [facts.outcomes];
  return [
    sql(['load/ledger/00_take_lock.sql', 'load/ledger/10_create_batch_outcomes.sql']),
    ...said.map((copy) => ({ kind: 'copy', copy }) as const),
    ...(facts.leavesUnread ? [sql(['load/ledger/15_leave_unread.sql'])] : []),
    publishRows(facts),
    ...solved(facts.batch),
    sql(['load/ledger/90_publish_ledger.sql'], ledgerValues(facts)),
  ];
}

/** A listed object is not the file of its notice, which was set aside when S3 did not deliver it. */
function solved(batch: Batch): LoadPlan {
  if (batch.source !== 'backfill') return [];
  return [sql(['load/ledger/80_solve_set_aside.sql'], { batch_id: sqlText(batch.id) })];
}

const AFTER_COPY: Readonly<Record<Dataset, readonly string[]>> = {
  logs: ['load/logs/stage/40_batch_plays_and_users.sql', 'load/logs/stage/50_batch_rejects.sql'],
  songs: [
    'load/songs/stage/30_batch_sources.sql',
    'load/songs/stage/40_batch_rejects.sql',
    'load/songs/stage/50_batch_reach.sql',
    'load/songs/stage/90_reach.sql',
  ],
};

function publishRows({ batch, repairReach, staged }: PublishFacts): PlanStep {
  const { lane } = batch;
  if (staged === null || lane === 'ignored') return sql(['load/ledger/20_empty_rejects_and_counts.sql']);
  const values = {
    batch_id: sqlText(batch.id),
    rows_staged: sqlInteger(staged.rows),
    rows_rejected: sqlInteger(staged.rejected),
  };
  const starts = staged.starts ?? NO_TIME;
  if (lane === 'logs') return sql(LOGS_PUBLISH, { ...values, ...startRange(starts) });
  return sql(SONGS_PUBLISH, { ...values, ...startRange(repairReach === 'all' ? ALL_TIME : starts) });
}

/** No play lies in it. */
const NO_TIME: TimeRange = { minMs: 0, maxMs: -1 };
/** More than the times of plays that the load accepts. */
const ALL_TIME: TimeRange = { minMs: 0, maxMs: 9_999_999_999_999 };

const LOGS_PUBLISH = [
  'load/logs/publish/00_drop_temp_tables.sql',
  'load/logs/publish/10_songplays.sql',
  'load/logs/publish/15_play_keys.sql',
  'load/logs/publish/20_time.sql',
  'load/logs/publish/30_users.sql',
  'load/logs/publish/80_counts.sql',
];

const SONGS_PUBLISH = [
  'load/songs/publish/00_drop_temp_tables.sql',
  'load/songs/publish/10_song_sources.sql',
  'load/songs/publish/20_songs.sql',
  'load/songs/publish/30_artists.sql',
  'load/songs/publish/40_repair_songplays.sql',
  'load/songs/publish/80_counts.sql',
];

function ledgerValues(facts: PublishFacts): SqlValues {
  const { batch } = facts;
  return {
    ...eventRange(facts.events),
    batch_id: sqlText(batch.id),
    not_before: publishedNotBefore(batch),
    dataset: sqlText(batch.lane),
    source: sqlText(batch.source),
    close_reason: sqlText(batch.closeReason),
    files: sqlInteger(batch.files.length),
    bytes: sqlInteger(batch.bytes),
    opened_at: sqlTimestamp(batch.openedAtMs),
    closed_at: sqlTimestamp(batch.closedAtMs),
    rested_ms: sqlInteger(batch.restedMs),
    known_at: sqlTimestamp(facts.knownAtMs),
    staged_at: sqlTimestamp(facts.stagedAtMs),
    consumer: sqlText(facts.consumer),
    rejected_rows_max: sqlInteger(facts.rejectedRowsMax),
    manifest_uri: facts.manifestUri === null ? SQL_NULL : sqlText(facts.manifestUri),
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

function startRange(starts: TimeRange): SqlValues {
  return { min_start_time: sqlTimestamp(starts.minMs), max_start_time: sqlTimestamp(starts.maxMs) };
}

function eventRange(events: TimeRange): SqlValues {
  return { min_event_time: sqlTimestamp(events.minMs), max_event_time: sqlTimestamp(events.maxMs) };
}

function sql(files: readonly string[], values: SqlValues = {}): PlanStep {
  return { kind: 'sql', files, values };
}
