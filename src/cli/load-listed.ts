import { countOf } from '../core/count-of.ts';
import {
  openBackfill,
  openCommandLog,
  openParts,
  openQueueFeed,
  openWarehouse,
  routeSettings,
} from '../app/compose.ts';
import type { Parts } from '../app/compose.ts';
import type { Config } from '../app/config.ts';
import { readLogKeyNames } from '../app/log-key-names.ts';
import { preflight } from '../app/preflight.ts';
import { realClock } from '../app/real.ts';
import type { BackfillProgress } from '../backfill/backfill-progress.ts';
import { Measure } from '../backfill/measured-backfill.ts';
import type { NamedKeys } from '../backfill/named-keys.ts';
import type { BackfillRange } from '../backfill/plan-backfill.ts';
import { prefixesToList } from '../backfill/plan-backfill.ts';
import { runBackfill } from '../backfill/run-backfill.ts';
import type { Decision } from '../core/decision.ts';
import { printable } from '../core/printable.ts';
import type { RouteSettings } from '../core/route.ts';
import { describeBackfill, describeState } from '../terminal/backfill-report.ts';
import type { BackfillMode } from '../terminal/backfill-report.ts';
import type { Io } from '../terminal/io.ts';
import { every, startProgress } from '../terminal/progress.ts';
import { untilSignal } from './until-signal.ts';
import { UsageError } from './verb.ts';
import type { ExitCode } from './verb.ts';

/** What `backfill` and `reload` load. */
type ListedLoad = {
  readonly name: 'backfill' | 'reload';
  readonly mode: BackfillMode;
  readonly range: BackfillRange;
  readonly isJson: boolean;
  /** The queue of `--enqueue`. */
  readonly feedConfig: Config<'queue'> | null;
  /** Only these keys; `null`: everything in the range. */
  readonly keys: (parts: Parts, signal: AbortSignal) => Promise<NamedKeys | null>;
  /** A person's decision to load settled files again; `undefined`: load what the ledger lacks. */
  readonly decision: (parts: Parts, signal: AbortSignal) => Promise<Decision | undefined>;
};

type ListedConfig = Config<'bucket' | 'warehouse' | 'copy' | 'batching'>;

const EVENT_EVERY_MS = 5_000;

/** Lists the bucket, or takes keys, and loads the files, with a progress and a result for a person. */
export async function loadListed(io: Io, config: ListedConfig, listed: ListedLoad): Promise<ExitCode> {
  const { feedConfig, isJson, mode, range } = listed;
  const settings = routeSettings(config);
  if (range.prefix !== null && prefixesToList(settings, range.prefix).length === 0)
    throw new UsageError(`--prefix ${range.prefix}: nothing below it is loaded. ${expected(settings)}`);
  const stopping = 'stopping; committed batches stay, and another run continues …';
  return await untilSignal(io, stopping, async (signal, closing) => {
    const parts = closing(openParts(config));
    const measure = new Measure(() => realClock.nowMs());
    const startedAtMs = realClock.nowMs();
    const progress = closing(watchProgress(measure, { io, ...listed }));
    const logKeyNames = await readLogKeyNames(parts.store, config.bucket.logJsonPaths, signal);
    const warehouse = openWarehouse(parts, config);
    const waits = await preflight(parts, { config, queueUrl: feedConfig?.queue.url ?? null, warehouse }, signal);
    for (const sentence of waits) io.err(`sparkify: ${printable(sentence)}\n`);
    const [named, decision] = [await listed.keys(parts, signal), await listed.decision(parts, signal)];
    const emit = openCommandLog(config, { io, isJson, signal });
    const backfill = openBackfill(parts, { config, warehouse, logKeyNames, emit, measure });
    const keys = named?.list ?? null;
    const ended = new AbortController();
    if (mode !== 'count') {
      const counting = measure.count(backfill, { ...range, keys, signal: AbortSignal.any([signal, ended.signal]) });
      // Without the total there is a bar less, and the listing itself reports the error.
      counting.catch(() => undefined);
    }
    const toQueue = feedConfig === null ? undefined : { feed: openQueueFeed(parts, feedConfig) };
    try {
      const result = await runBackfill(backfill, {
        ...range,
        keys,
        instead: mode === 'count' ? mode : toQueue,
        isShared: mode === 'load',
        decision,
        signal,
        onProgress: (soFar) => measure.onProgress(soFar),
      });
      progress.close();
      const durationMs = realClock.nowMs() - startedAtMs;
      const text = `${describeBackfill(result, mode, durationMs)}\n`;
      io.out(isJson ? `${JSON.stringify({ ...result, durationMs }, null, 2)}\n` : text);
      for (const sentence of notices(result, named, { prefix: range.prefix, settings }))
        io.err(`sparkify: ${printable(sentence)}\n`);
      const isAbsent = listed.name === 'reload' && result.absent > 0;
      const isUseless = result.listed === 0 && named !== null && named.foreign().lines > 0;
      return result.files.quarantined > 0 || isAbsent || isUseless ? 1 : 0;
    } finally {
      ended.abort();
    }
  });
}

function watchProgress(measure: Measure, { io, isJson, mode, name }: ListedLoad & { readonly io: Io }) {
  if (!isJson) return startProgress({ io, label: name, look: () => describeState(measure.state(), mode) });
  return every(EVENT_EVERY_MS, () => {
    const { progress, ...state } = measure.state();
    const { lacking, listed, rows, sent } = progress;
    const counted = { lacking, listed, sent, rows, settled: progress.files };
    io.err(`${JSON.stringify({ event: `${name}.progress`, ...state, ...counted })}\n`);
  });
}

/** What a person has to know about the input. */
function notices(
  { absent, files, firstAbsent, listed, retracted }: BackfillProgress,
  named: NamedKeys | null,
  { prefix, settings }: { readonly prefix: string | null; readonly settings: RouteSettings },
): readonly string[] {
  const foreign = named?.foreign() ?? { lines: 0, first: null };
  return [
    ...(foreign.lines > 0
      ? [`Left out ${countOf(foreign.lines, 'name')}, the first: ${foreign.first ?? ''}. ${expected(settings)}`]
      : []),
    ...(absent > 0
      ? [`The bucket lacks ${countOf(absent, 'key')}, the first: ${firstAbsent ?? ''}. Their rows stay.`]
      : []),
    ...(named !== null && listed + foreign.lines + absent === 0 ? [named.whenEmpty] : []),
    ...(named === null && listed === 0
      ? [`The bucket ${settings.bucket} has no object below ${prefix ?? 'the prefixes'}. ${expected(settings)}`]
      : []),
    ...(files.retracted > 0
      ? [
          `Left alone ${countOf(files.retracted, 'retracted file')}: ${retracted.join(', ')}` +
            `${files.retracted > retracted.length ? ' and more' : ''}. "sparkify reload" with a key loads the file again.`,
        ]
      : []),
    ...(files.quarantined > 0
      ? [
          `Quarantined ${countOf(files.quarantined, 'file')}; the warnings above and ingest_files have the reasons. ` +
            'Repair such a file and upload it again under its key.',
        ]
      : []),
  ];
}

function expected({ bucket, logPrefix, songPrefix }: RouteSettings): string {
  return `Logs are expected below s3://${bucket}/${logPrefix}, songs below s3://${bucket}/${songPrefix}.`;
}
