import type { IngestEvent, Measured } from '../events.ts';
import type { Latencies } from '../latencies.ts';
import { fileLatencies, withLatencies } from '../latencies.ts';
import { behindMs } from '../measures.ts';
import type { ConsumerSnapshot } from './consumer-snapshot.ts';

type Counts = Measured['counts'];

/** What a consumer did since it was measured last. */
export type Tally = { readonly counts: Counts; readonly putToVisible: Latencies };

export const NOTHING_DONE: Tally = {
  counts: {
    ...{ filesSettled: 0, filesQuarantined: 0, rowsRejected: 0, rowsRemoved: 0 },
    ...{ loadsRetried: 0, loadsFailed: 0, messagesParked: 0 },
  },
  putToVisible: {},
};

type Kind = IngestEvent['kind'];
type Count<K extends Kind> = (before: Tally, event: Extract<IngestEvent, { kind: K }>) => Tally;

/** What is counted of an event; other events leave nothing. */
const COUNT: { readonly [K in Kind]?: Count<K> } = {
  'message.parked': (before, event) => plus(before, { messagesParked: event.count }),
  'load.retried': (before) => plus(before, { loadsRetried: 1 }),
  'load.failed': (before) => plus(before, { loadsFailed: 1 }),
  'load.committed': (before, event) => (event.lane === 'ignored' ? before : committed(before, event)),
};

/** The tally after an event. Files that belong to no dataset are not counted. */
export function tally(before: Tally, event: IngestEvent): Tally {
  const count = COUNT[event.kind] as Count<Kind> | undefined;
  return count?.(before, event) ?? before;
}

function committed(before: Tally, event: Extract<IngestEvent, { kind: 'load.committed' }>): Tally {
  const { counts, files } = event.outcome;
  const latencies = event.liveFiles.map(({ putToVisibleMs }) => putToVisibleMs);
  return {
    ...plus(before, {
      filesSettled: files.length,
      filesQuarantined: files.filter(({ status }) => status === 'quarantined').length,
      rowsRejected: counts.rejected,
      rowsRemoved: counts.removed,
    }),
    putToVisible: withLatencies(before.putToVisible, latencies),
  };
}

function plus(before: Tally, added: Partial<Counts>): Tally {
  const names = Object.keys(before.counts) as (keyof Counts)[];
  const sums = names.map((name) => [name, before.counts[name] + (added[name] ?? 0)]);
  return { ...before, counts: Object.fromEntries(sums) as Counts };
}

/**
 * The numbers of a consumer at a moment, with what it did since the last ones.
 *
 * @param now.open of the ledger; `null`: not read since the last numbers.
 */
export function measured(
  { counts, putToVisible }: Tally,
  now: {
    readonly atMs: number;
    readonly snapshot: ConsumerSnapshot;
    readonly expectedMs: number;
    readonly open: { readonly quarantined: number; readonly rejected: number } | null;
  },
): Measured {
  const { atMs, expectedMs, open, snapshot } = now;
  const { heldFiles, oldestHeldAtMs, pauses, state } = snapshot;
  return {
    ...{ state, heldFiles, expectedMs, counts },
    behindMs: behindMs({ atMs, ...snapshot }),
    pausedMs: pauses.reduce((longest, { sinceMs }) => Math.max(longest, atMs - sinceMs), 0),
    oldestHeldMs: oldestHeldAtMs === null ? 0 : Math.max(0, atMs - oldestHeldAtMs),
    putToVisible: fileLatencies(putToVisible),
    openQuarantined: open?.quarantined ?? null,
    openRejected: open?.rejected ?? null,
  };
}
