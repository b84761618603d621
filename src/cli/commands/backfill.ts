import { countOf } from '../../core/count-of.ts';
import { Option } from 'commander';
import { processEnvironment, readConfig } from '../../app/config.ts';
import { openBackfill, openParts, openQueueFeed, openWarehouse, routeSettings } from '../../app/compose.ts';
import { readLogKeyNames } from '../../app/log-key-names.ts';
import { preflight } from '../../app/preflight.ts';
import { realClock } from '../../app/real.ts';
import type { BackfillProgress } from '../../backfill/backfill-progress.ts';
import { openKeysFile } from '../../backfill/keys-file.ts';
import type { KeysFile } from '../../backfill/keys-file.ts';
import { Measure } from '../../backfill/measured-backfill.ts';
import { prefixesToList } from '../../backfill/plan-backfill.ts';
import { runBackfill } from '../../backfill/run-backfill.ts';
import { printable } from '../../core/printable.ts';
import type { RouteSettings } from '../../core/route.ts';
import { instant } from '../arguments.ts';
import { describeBackfill, describeState } from '../../terminal/backfill-report.ts';
import type { BackfillMode } from '../../terminal/backfill-report.ts';
import { every, startProgress } from '../../terminal/progress.ts';
import { untilSignal } from '../until-signal.ts';
import { UsageError, action, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & {
  prefix?: string;
  since?: number;
  until?: number;
  keysFrom?: string;
  dryRun?: true;
  enqueue?: true;
  reload?: true;
};

const EVENT_EVERY_MS = 5_000;

export function backfillCommand(io: Io): Command {
  const command = verb(
    'backfill',
    'list the bucket and load the files that the ledger lacks; can be interrupted and run again',
    [
      ['sparkify backfill --local', 'everything in the bucket of the embedded stack'],
      ['sparkify backfill --prefix log_data/2018/11/', 'one month of logs'],
      ['sparkify backfill --keys-from keys.txt', 'the files that are named in a file, one a line'],
      ['sparkify backfill --enqueue', 'let the consumers load them'],
      ['sparkify backfill --reload', 'add the source object and line to rows that an older version loaded'],
      ['sparkify backfill --since 2026-01-01 --dry-run', 'count the files stored since then that are not loaded'],
    ],
  )
    .option('--prefix <prefix>', 'only keys that begin with this')
    .option('--since <time>', 'only objects stored at or after this time (UTC)', instant('--since'))
    .option('--until <time>', 'only objects stored before this time (UTC)', instant('--until'))
    .option('--keys-from <file>', 'only the keys in this file, one a line: a key, s3://bucket/key, or a JSON string')
    .option('--dry-run', 'list the bucket and count what the ledger lacks; load nothing')
    .addOption(
      new Option(
        '--enqueue',
        'send notifications of the files to the queue, while it holds less than 2,000 messages; load nothing',
      ).conflicts(['dryRun', 'reload']),
    )
    .addOption(
      new Option('--reload', 'also read loaded files again, to add the object and line that their rows lack').conflicts(
        'dryRun',
      ),
    )
    .action(action<Options>(io, async (options) => await runBackfillCommand(options, io)));
  return withNotes(
    command,
    'Songs are loaded before logs. Two backfills at once share the work. The exit code is 1 when a file was quarantined. With ' +
      '--json the progress is a JSON object a line on standard error, every five seconds.',
  );
}

async function runBackfillCommand(options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse', 'copy', 'batching']);
  const mode: BackfillMode = options.dryRun === true ? 'count' : options.enqueue === true ? 'enqueue' : 'load';
  const feedConfig = mode === 'enqueue' ? readConfig(processEnvironment(), ['queue']) : null;
  const route = routeSettings(config);
  const prefix = options.prefix ?? null;
  if (prefix !== null && prefixesToList(route, prefix).length === 0) throw new UsageError(outside(prefix, route));
  const keysFile = options.keysFrom === undefined ? null : openKeysFile(options.keysFrom, route);
  const stopping = 'stopping; committed batches stay, and another run continues …';
  return await untilSignal(io, stopping, async (signal, closing) => {
    const parts = closing(openParts(config));
    const measure = new Measure(() => realClock.nowMs());
    const startedAtMs = realClock.nowMs();
    const isJson = options.json === true;
    const progress = closing(watchProgress(measure, { io, isJson, mode }));
    const logKeyNames = await readLogKeyNames(parts.store, config.bucket.logJsonPaths, signal);
    const warehouse = openWarehouse(parts, config);
    await preflight(parts, { config, queueUrl: feedConfig?.queue.url ?? null, warehouse }, signal);
    const backfill = openBackfill(parts, { config, warehouse, logKeyNames, io, isJson, measure, signal });
    const range = { prefix, sinceMs: options.since ?? null, untilMs: options.until ?? null };
    const keys = keysFile?.list ?? null;
    const ended = new AbortController();
    const counting = measure.count(backfill, { ...range, keys, signal: AbortSignal.any([signal, ended.signal]) });
    // Without the total there is a bar less, and the listing itself reports the error.
    counting.catch(() => undefined);
    const { findLacking } = backfill;
    try {
      const result = await runBackfill(backfill, {
        ...range,
        keys,
        dryRun: mode === 'count' ? findLacking : null,
        enqueue: feedConfig === null ? null : { feed: openQueueFeed(parts, feedConfig), findLacking },
        isShared: mode === 'load',
        isReload: options.reload === true,
        signal,
        onProgress: (soFar) => measure.onProgress(soFar),
      });
      progress.close();
      const durationMs = realClock.nowMs() - startedAtMs;
      const text = `${describeBackfill(result, mode, durationMs)}\n`;
      io.out(isJson ? `${JSON.stringify({ ...result, durationMs }, null, 2)}\n` : text);
      for (const sentence of notices(result, keysFile, { prefix, route })) io.err(`sparkify: ${printable(sentence)}\n`);
      return result.files.quarantined > 0 ? 1 : 0;
    } finally {
      ended.abort();
    }
  });
}

function watchProgress(measure: Measure, { io, isJson, mode }: { io: Io; isJson: boolean; mode: BackfillMode }) {
  if (!isJson) return startProgress({ io, label: 'backfill', look: () => describeState(measure.state(), mode) });
  return every(EVENT_EVERY_MS, () => {
    const { progress, ...state } = measure.state();
    const { lacking, listed, rows, sent } = progress;
    const counted = { lacking, listed, sent, rows, settled: progress.files };
    io.err(`${JSON.stringify({ event: 'backfill.progress', ...state, ...counted })}\n`);
  });
}

/** What a person has to know about the input. */
function notices(
  result: BackfillProgress,
  keysFile: KeysFile | null,
  { prefix, route }: { readonly prefix: string | null; readonly route: RouteSettings },
): readonly string[] {
  const foreign = keysFile?.foreign() ?? { lines: 0, first: null };
  return [
    ...(foreign.lines > 0
      ? [
          `Left out ${countOf(foreign.lines, 'line')} of --keys-from, the first: ${foreign.first ?? ''}. ${expected(route)}`,
        ]
      : []),
    ...(result.absent > 0
      ? [`The bucket lacks ${countOf(result.absent, 'key')} of --keys-from, the first: ${result.firstAbsent ?? ''}.`]
      : []),
    ...(keysFile === null && result.listed === 0
      ? [`The bucket ${route.bucket} has no object below ${prefix ?? 'the prefixes'}. ${expected(route)}`]
      : []),
    ...(result.files.quarantined > 0
      ? [
          `Quarantined ${countOf(result.files.quarantined, 'file')}; the warnings above and ingest_files have the reasons. ` +
            'Repair such a file and upload it again under its key.',
        ]
      : []),
  ];
}

function outside(prefix: string, route: RouteSettings): string {
  return `--prefix ${prefix}: nothing below it is loaded. ${expected(route)}`;
}

function expected({ bucket, logPrefix, songPrefix }: RouteSettings): string {
  return `Logs are expected below s3://${bucket}/${logPrefix}, songs below s3://${bucket}/${songPrefix}.`;
}
