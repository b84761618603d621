import type { CopyStatement } from '../sql/copy.ts';
import type { Dataset } from '../dataset.ts';
import { isReload, isRetraction } from '../decision.ts';
import type { Batch } from '../load.ts';
import type { SqlValue } from '../sql/sql-literal.ts';
import {
  SQL_NULL,
  sqlForeignText,
  sqlInteger,
  sqlRanges,
  sqlSchema,
  sqlText,
  sqlTimestamp,
} from '../sql/sql-literal.ts';
import type { TimeRange } from '../time-ranges.ts';
import { TimeRanges } from '../time-ranges.ts';

/** Results that the loader reads from a transaction. */
export type PlanAnswer = 'known' | 'reach' | 'counts';

/**
 * A part of a transaction as data: SQL files with the values of their placeholders, or a COPY. `answer`: the loader reads the rows
 * of the last statement.
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

type PlanSteps = readonly PlanStep[];

/** What runs in one transaction, in order. Only publishing lasts; everything else reads, or fills temporary tables. */
export type LoadPlan = { readonly name: string; readonly isLasting: boolean; readonly steps: PlanSteps };

function question(name: string, steps: PlanSteps): LoadPlan {
  return { name, isLasting: false, steps };
}

/** Finds the objects of a listing that are settled already. Answer `known`: their `file_number, status, batch_id`. */
export function knowPlan(fileList: CopyStatement): LoadPlan {
  return question('know', [...listedFiles(fileList), { ...sql(['load/know/30_known_backfill.sql']), answer: 'known' }]);
}

/**
 * Counts of what was read. `objects`: objects that were read, or that are gone and whose rows are removed; `rows`: JSON objects and
 * malformed stretches; `kept`: rows of the dataset in the parts; `plays`: the plays among them; `rejected`: rejected rows; `times`:
 * the times of the kept events.
 */
export type ReadRows = {
  readonly objects: number;
  readonly rows: number;
  readonly kept: number;
  readonly plays: number;
  readonly rejected: number;
  readonly times: readonly TimeRange[];
};

/** An object whose live version is not the version that was read: the rows of the live version are replaced. `times`: of these rows. */
export type Replaced = {
  readonly fileNumber: number;
  readonly key: string;
  readonly rows: number;
  readonly times: TimeRange | null;
};

/**
 * Loads the parts into staging and prepares the publish step. Answers: `known` as in `knowPlan`, with the changed objects; for songs
 * `reach`, one row, see `90_reach.sql`.
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
  return question('stage', [
    sql([`${folder}/00_drop_temp_tables.sql`, `${folder}/10_create_staging.sql`]),
    { kind: 'copy', copy },
    sql(['load/ledger/20_batch_objects.sql'], reloadValues(batch)),
    ...(isRetraction(batch) ? [sql(['load/retraction/12_of_batch.sql'])] : []),
    ...(read.objects === 0 ? [] : AFTER_COPY[dataset]),
    known(batch, events),
  ]);
}

function reloadValues({ decision }: Batch): SqlValues {
  const isUndone = decision?.action === 'reload' && decision.undoesRetraction;
  return { reloads: sqlInteger(isReload({ decision }) ? 1 : 0), undoes_retraction: sqlInteger(isUndone ? 1 : 0) };
}

function known({ id, source }: Batch, events: readonly TimeRange[]): PlanStep {
  const isLive = sqlInteger(source === 'live' ? 1 : 0);
  const values = { event_times: sqlRanges(events), is_live: isLive, batch_id: sqlText(id) };
  return { ...sql(['load/ledger/10_known.sql'], values), answer: 'known' };
}

/** Ignored files have no rows; they use the staging table of logs. */
export function stagingOf({ lane }: Batch): Dataset {
  return lane === 'songs' ? 'songs' : 'logs';
}

const AFTER_COPY: Readonly<Record<Dataset, PlanSteps>> = {
  logs: [sql(['load/logs/stage/40_batch_plays.sql', 'load/logs/stage/50_batch_users.sql'])],
  songs: [
    sql(['load/songs/stage/30_batch_sources.sql']),
    { ...sql(['load/songs/stage/90_reach.sql']), answer: 'reach' },
  ],
};

/** Counts the live and the lately removed objects of the batch's dataset. Answer `counts`: one row. */
export function removalsPlan(batch: Batch): LoadPlan {
  const values = { dataset: sqlText(batch.lane), not_before: publishedNotBefore(batch) };
  return question('removals', [{ ...sql(['load/know/50_removals.sql'], values), answer: 'counts' }]);
}

/** Whether the ledger has settled a file below a prefix. Answer `counts`: one row. */
export function settledFilesPlan(): LoadPlan {
  return question('settled', [{ ...sql(['load/know/60_settled_files.sql']), answer: 'counts' }]);
}

/** Counts what a retraction of objects would change. Answers: `known`, a row for each object; `counts`, one row. */
export function retractionPlan(fileList: CopyStatement, dataset: Dataset): LoadPlan {
  return question('preview', [
    ...listedFiles(fileList),
    sql(['load/retraction/10_of_list.sql']),
    retractionCounts(dataset, '', [ALL_TIME]),
    { ...sql(['load/retraction/30_objects.sql']), answer: 'known' },
    { ...sql(['load/retraction/32_counts.sql']), answer: 'counts' },
  ]);
}

/** @param planned `''`: only count. @param times of the events of the logs. */
function retractionCounts(dataset: Dataset, planned: string, times: readonly TimeRange[]): PlanStep {
  const values = { planned: sqlText(planned) };
  if (dataset === 'songs') return sql(['load/retraction/20_songs.sql'], values);
  return sql(['load/retraction/20_logs.sql'], { ...values, times: sqlRanges(times) });
}

/** The first step under the lock of a retraction: the counts have to be those that the person saw. */
function asPlanned({ batch, replaced }: PublishFacts): PlanSteps {
  const { decision } = batch;
  if (decision?.action !== 'retract') return [];
  const times = new TimeRanges();
  times.addAll(replaced.flatMap((one) => one.times ?? []));
  return [retractionCounts(stagingOf(batch), decision.planned, times.all)];
}

function listedFiles(fileList: CopyStatement): PlanSteps {
  return [
    sql(['load/know/00_drop_temp_tables.sql', 'load/know/10_create_listed_files.sql']),
    { kind: 'copy', copy: fileList },
  ];
}

/** Waits for the current publisher, then reads the counts of this batch. Answer `counts`: one row, or none if it is not committed. */
export function committedPlan(batch: Batch, schema: string): LoadPlan {
  return question('committed', [takeLock(schema), countsOf(batch)]);
}

/** The input of the publish transaction from the stages before. */
export type PublishFacts = {
  readonly schema: string;
  readonly batch: Batch;
  readonly events: readonly TimeRange[];
  readonly readAtMs: number;
  readonly stagedAtMs: number;
  readonly consumer: string;
  readonly manifestUri: string;
  readonly queryIds: readonly number[];
  /** Maximum number of rejected rows of the batch that are stored. */
  readonly rejectedRowsMax: number;
  readonly read: ReadRows;
  /** The times of the plays that a batch of songs may repair, from the stage step; `null`: none. */
  readonly reach: TimeRange | null;
  readonly replaced: readonly Replaced[];
  /** Deleted objects whose rows the batch removes. */
  readonly objectsRemoved: number;
  /** The publish ends with `removals_stopped` if more objects than this lose their rows within an hour. */
  readonly removalsMax: number;
  /** The stage step found that the live version of an object is the version that was read. */
  readonly hasSeenAgain: boolean;
  /** Always publish by the exact plan: for tests. */
  readonly isAlwaysExact: boolean;
  /** The stage step found ledger entries of the batch's files that may change (`mayChange`). */
  readonly hasChangeable: boolean;
  /** The stage step found open entries of the batch's objects, which the batch ends. */
  readonly hasOpen: boolean;
  /** A file of the batch was quarantined, or a row was rejected: something that a person should look at. */
  readonly opens: boolean;
  /** An earlier publish was rolled back, so what the stage step saw may be outdated. */
  readonly isAgain: boolean;
  /** Adds the batches since then to the totals of the ledger, epoch ms; `null`: this is not due. */
  readonly totalsSinceMs: number | null;
};

/** The lock first, then rows and ledger in one transaction, without the steps that this batch does not need. Answer `counts`. */
export function publishPlan(facts: PublishFacts): LoadPlan {
  const { batch, read } = facts;
  const values = {
    ...{ batch_id: sqlText(batch.id), dataset: sqlText(batch.lane), event_times: sqlRanges(facts.events) },
    rejected_rows_max: sqlInteger(facts.rejectedRowsMax),
  };
  const ledger = (file: string, names: readonly (keyof typeof values)[]): PlanStep =>
    sql([`load/ledger/${file}`], Object.fromEntries(names.map((name) => [name, values[name]])));
  const replaces = facts.replaced.length > 0;
  const changesFiles = facts.hasChangeable || facts.isAgain || batch.source !== 'live' || replaces;
  const steps: PlanSteps = [
    takeLock(facts.schema),
    ...asPlanned(facts),
    ...(read.objects === 0 ? [] : PUBLISH_ROWS[stagingOf(batch)](facts)),
    ...(read.objects > 0 && isExact(facts) ? [ledger('38_superseded_files.sql', [])] : []),
    ...(batch.source === 'backfill' || isReload(batch) ? [ledger('40_solve_quarantined.sql', ['batch_id'])] : []),
    ...(changesFiles ? [ledger('50_changed_files.sql', ['batch_id', 'event_times'])] : []),
    ledger('60_files.sql', ['batch_id', 'dataset', 'event_times']),
    ...(read.rejected === 0 ? [] : [ledger('70_rejected_rows.sql', ['batch_id', 'dataset', 'rejected_rows_max'])]),
    ...(facts.hasOpen || facts.isAgain ? [ledger('72_closed.sql', [])] : []),
    ...(facts.opens ? [ledger('74_open.sql', ['batch_id', 'dataset'])] : []),
    ...totals(facts),
    sql(['load/ledger/80_batch.sql'], batchValues(facts)),
    countsOf(batch),
  ];
  return { name: 'publish', isLasting: true, steps };
}

function totals({ totalsSinceMs }: PublishFacts): PlanSteps {
  if (totalsSinceMs === null) return [];
  return [sql(['load/ledger/76_totals.sql'], { not_before: sqlTimestamp(totalsSinceMs) })];
}

const takeLock = (schema: string): PlanStep => sql(['load/ledger/00_take_lock.sql'], { schema: sqlSchema(schema) });

function countsOf(batch: Batch): PlanStep {
  const values = { batch_id: sqlText(batch.id), not_before: publishedNotBefore(batch) };
  return { ...sql(['load/ledger/05_committed_batch.sql'], values), answer: 'counts' };
}

const PUBLISH_ROWS: Readonly<Record<Dataset, (facts: PublishFacts) => PlanSteps>> = {
  logs: publishLogs,
  songs: publishSongs,
};

/**
 * *Append* inserts rows that the star does not have: no object of the batch has a live version, and no other object has one of the
 * events. *Exact* also replaces and removes rows. A guard makes a wrong append fail, and the next attempt is exact.
 */
function isExact({ batch, isAgain, isAlwaysExact, replaced }: PublishFacts): boolean {
  return isAlwaysExact || isAgain || isReload(batch) || replaced.length > 0;
}

function publishLogs(facts: PublishFacts): PlanSteps {
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

/** How far back to look for the previous event of a user whose newest event was removed. */
const DAYS_BEFORE = 35;

function withDaysBefore(times: readonly TimeRange[]): readonly TimeRange[] {
  const ranges = new TimeRanges();
  ranges.addAll(times.map(({ maxMs, minMs }) => ({ minMs: Math.max(0, minMs - DAYS_BEFORE * DAY_MS), maxMs })));
  return ranges.all;
}

function replacedObjects({ batch, hasSeenAgain, replaced }: PublishFacts): PlanSteps {
  const seen = sql(['load/ledger/36_seen_again.sql'], { batch_id: sqlText(batch.id) });
  return [
    ...(replaced.length === 0 ? [] : [sql(['load/ledger/35_replaced_objects.sql'])]),
    ...(hasSeenAgain ? [seen] : []),
  ];
}

function publishSongs(facts: PublishFacts): PlanSteps {
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

/** A range without plays. */
const NO_TIME: TimeRange = { minMs: 0, maxMs: -1 };
/** Contains every time that a load accepts. */
const ALL_TIME: TimeRange = { minMs: 0, maxMs: 9_999_999_999_999 };

function batchValues(facts: PublishFacts): SqlValues {
  const { batch, read } = facts;
  return {
    batch_id: sqlText(batch.id),
    event_times: sqlRanges(facts.events),
    not_before: publishedNotBefore(batch),
    dataset: sqlText(batch.lane),
    source: sqlText(batch.source),
    operator: orNull(batch.decision?.operator),
    action: orNull(batch.decision?.action),
    why: orNull(batch.decision?.why),
    close_reason: sqlText(batch.closeReason),
    files: sqlInteger(batch.files.length),
    bytes: sqlInteger(batch.bytes),
    rows_staged: sqlInteger(read.rows),
    rows_rejected: sqlInteger(read.rejected),
    objects_removed: sqlInteger(facts.objectsRemoved),
    removals_max: sqlInteger(facts.removalsMax),
    opened_at: sqlTimestamp(batch.openedAtMs),
    closed_at: sqlTimestamp(batch.closedAtMs),
    rested_ms: sqlInteger(batch.restedMs),
    read_at: sqlTimestamp(facts.readAtMs),
    staged_at: sqlTimestamp(facts.stagedAtMs),
    consumer: sqlText(facts.consumer),
    manifest_uri: sqlText(facts.manifestUri),
    query_ids: sqlText(facts.queryIds.join(',').slice(0, 1024)),
  };
}

/**
 * A batch is published after it was opened, so older parts of the ledger need not be read to find it. The two times are of
 * different clocks; AWS refuses clients whose clock is wrong by minutes, so one day of tolerance is enough.
 */
function publishedNotBefore(batch: Batch): SqlValue {
  return sqlTimestamp(batch.openedAtMs - DAY_MS);
}

const orNull = (text: string | null | undefined): SqlValue => (text == null ? SQL_NULL : sqlForeignText(text));

function sql(files: readonly string[], values: SqlValues = {}) {
  return { kind: 'sql', files, values } as const;
}
