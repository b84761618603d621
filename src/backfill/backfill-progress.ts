import type { FileEvent, FileStatus } from '../core/file-event.ts';
import type { Lacking, LoadCounts, LoadOutcome, LoadStage } from '../core/load.ts';
import type { Page } from './list-files.ts';
import type { BackfillGroup } from './plan-backfill.ts';
import { groupOf } from './plan-backfill.ts';

/** The progress; at the end the result. Bytes are those of the objects as they are in the bucket. */
export type BackfillProgress = {
  /** Objects seen in the listing. */
  readonly listed: number;
  /** Of these, within the range and of a dataset. */
  readonly wanted: number;
  readonly wantedBytes: number;
  /** Named keys that are not in the bucket: their number, and the first. */
  readonly absent: number;
  readonly firstAbsent: string | null;
  /** Of the wanted objects that were looked up, those that the ledger lacks. */
  readonly lacking: number;
  /** Notifications sent with `--enqueue`. */
  readonly sent: number;
  /** Files and bytes whose batch is done. */
  readonly doneFiles: number;
  readonly doneBytes: number;
  readonly batches: number;
  /** How the files of the committed batches were settled; `known`: settled earlier. */
  readonly files: Readonly<Record<FileStatus, number>>;
  /** The first keys of retracted files, which were left alone. */
  readonly retracted: readonly string[];
  readonly rows: LoadCounts;
  /** Sums over all batches. */
  readonly stageMs: Readonly<Record<LoadStage, number>>;
};

const RETRACTED_SHOWN = 20;

export const NOTHING: BackfillProgress = {
  listed: 0,
  wanted: 0,
  wantedBytes: 0,
  absent: 0,
  firstAbsent: null,
  lacking: 0,
  sent: 0,
  doneFiles: 0,
  doneBytes: 0,
  batches: 0,
  files: { loaded: 0, quarantined: 0, missing: 0, removed: 0, ignored: 0, known: 0, retracted: 0 },
  retracted: [],
  rows: { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0, removed: 0 },
  stageMs: { read: 0, stage: 0, publish: 0 },
};

export function withPage(
  progress: BackfillProgress,
  { files, missing, wanted }: Page & { readonly wanted: readonly { readonly size: number }[] },
): BackfillProgress {
  return {
    ...progress,
    listed: progress.listed + files.length,
    wanted: progress.wanted + wanted.length,
    wantedBytes: progress.wantedBytes + wanted.reduce((sum, { size }) => sum + size, 0),
    absent: progress.absent + missing.length,
    firstAbsent: progress.firstAbsent ?? missing[0] ?? null,
  };
}

/** A group was looked up: the files that the ledger has are done. */
export function withLookUp(
  progress: BackfillProgress,
  group: BackfillGroup,
  { lacking, retracted }: Lacking,
): BackfillProgress {
  const isLacking = new Set(lacking);
  const settled = group.files.filter((file) => !isLacking.has(file));
  const files = {
    ...progress.files,
    known: progress.files.known + settled.length - retracted.length,
    retracted: progress.files.retracted + retracted.length,
  };
  return { ...withDone(progress, groupOf(group.lane, settled)), files, retracted: shown(progress, retracted) };
}

function shown({ retracted }: BackfillProgress, more: readonly FileEvent[]): readonly string[] {
  return [...retracted, ...more.map(({ key }) => key)].slice(0, RETRACTED_SHOWN);
}

export function withOutcome(
  progress: BackfillProgress,
  group: BackfillGroup,
  { counts, files: settled, stageMs }: LoadOutcome,
): BackfillProgress {
  const files = { ...progress.files };
  for (const { status } of settled) files[status] += 1;
  const lacking =
    progress.lacking + settled.filter(({ status }) => status !== 'known' && status !== 'retracted').length;
  const retracted = settled.flatMap(({ file, status }) => (status === 'retracted' ? [file] : []));
  return {
    ...withDone(progress, group),
    batches: progress.batches + 1,
    files,
    lacking,
    retracted: shown(progress, retracted),
    rows: added(progress.rows, counts),
    stageMs: added(progress.stageMs, stageMs),
  };
}

export function withDone(progress: BackfillProgress, { bytes, files }: BackfillGroup): BackfillProgress {
  return {
    ...progress,
    doneFiles: progress.doneFiles + files.length,
    doneBytes: progress.doneBytes + bytes,
  };
}

function added<K extends string>(
  sums: Readonly<Record<K, number>>,
  more: Readonly<Record<K, number>>,
): Readonly<Record<K, number>> {
  const entries = Object.entries(sums) as [K, number][];
  return Object.fromEntries(entries.map(([key, sum]) => [key, sum + more[key]])) as Record<K, number>;
}
