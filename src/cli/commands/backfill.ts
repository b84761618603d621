import { processEnvironment, readConfig } from '../../app/config.ts';
import { openBackfill, openParts, openWarehouse } from '../../app/compose.ts';
import { readLogKeyNames } from '../../app/log-key-names.ts';
import { preflight } from '../../app/preflight.ts';
import { realClock } from '../../app/real.ts';
import { runBackfill } from '../../backfill/run-backfill.ts';
import { instant } from '../arguments.ts';
import { startProgress } from '../../terminal/progress.ts';
import { formatNumber } from '../../terminal/table.ts';
import { untilSignal } from '../until-signal.ts';
import { action, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { BackfillProgress } from '../../backfill/run-backfill.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { prefix?: string; since?: number; until?: number; dryRun?: true; reload?: true };

export function backfillCommand(io: Io): Command {
  return verb(
    'backfill',
    'list the bucket and load the files that the ledger lacks; can be interrupted and run again',
    [
      ['sparkify backfill --local', 'everything in the bucket of the embedded stack'],
      ['sparkify backfill --prefix log_data/2018/11/', 'one month of logs'],
      ['sparkify backfill --reload', 'add the source object and line to rows that an older version loaded'],
      ['sparkify backfill --since 2026-01-01 --dry-run', 'count the files stored since then that are not loaded'],
    ],
  )
    .option('--prefix <prefix>', 'only keys that begin with this')
    .option('--since <time>', 'only objects stored at or after this time (UTC)', instant('--since'))
    .option('--until <time>', 'only objects stored before this time (UTC)', instant('--until'))
    .option('--dry-run', 'list the bucket and count what the ledger lacks; load nothing')
    .option('--reload', 'also read loaded files again, to add the object and line that their rows lack')
    .action(action<Options>(io, async (options) => await runBackfillCommand(options, io)));
}

async function runBackfillCommand(options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse', 'copy', 'batching']);
  const stopping = 'stopping; committed batches stay, and another run continues …';
  return await untilSignal(io, stopping, async (signal, closing) => {
    const parts = closing(openParts(config));
    const progress = closing(startProgress({ io, label: 'backfill', total: null, nowMs: () => realClock.nowMs() }));
    const logKeyNames = await readLogKeyNames(parts.store, config.bucket.logJsonPaths, signal);
    const warehouse = openWarehouse(parts, config);
    const isDryRun = options.dryRun === true;
    await preflight(parts, { config, queueUrl: null, warehouse }, signal);
    const backfill = openBackfill(parts, { config, warehouse, logKeyNames, io });
    const result = await runBackfill(backfill, {
      prefix: options.prefix ?? null,
      sinceMs: options.since ?? null,
      untilMs: options.until ?? null,
      dryRun: isDryRun ? backfill.countKnown : null,
      isReload: options.reload === true,
      signal,
      onProgress: (soFar) => progress.update(soFar.batches, describe(soFar, isDryRun)),
    });
    io.out(options.json === true ? `${JSON.stringify(result, null, 2)}\n` : `${describe(result, isDryRun)}\n`);
    return 0;
  });
}

function describe({ listed, wanted, wantedBytes, lacking, files, rows }: BackfillProgress, isDryRun: boolean): string {
  const megabytes = (wantedBytes / 1_000_000).toFixed(1);
  const seen = `${formatNumber(listed)} objects listed, ${formatNumber(wanted)} of a dataset (${megabytes} MB)`;
  if (isDryRun) {
    return `${seen}; ${formatNumber(files.known)} known, ${formatNumber(lacking)} would be loaded; nothing was loaded`;
  }
  const others = [
    ...(files.quarantined > 0 ? [`${formatNumber(files.quarantined)} quarantined`] : []),
    ...(files.missing > 0 ? [`${formatNumber(files.missing)} missing`] : []),
  ];
  const settled = [`${formatNumber(files.loaded)} loaded`, `${formatNumber(files.known)} already settled`, ...others];
  const written = `${formatNumber(rows.inserted)} new rows, ${formatNumber(rows.updated + rows.repaired)} changed`;
  const removed = rows.removed > 0 ? `, ${formatNumber(rows.removed)} removed` : '';
  return `${seen}; ${settled.join(', ')}; ${written}${removed}`;
}
