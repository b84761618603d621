import { openParts } from '../../app/compose.ts';
import { openCheckedLooking } from '../../app/compose-look.ts';
import { isBatchId } from '../../core/load.ts';
import { printable } from '../../core/printable.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import { readBatch, readBatches } from '../../look/history.ts';
import { renderBatch, renderBatches } from '../../terminal/history.ts';
import { instant, wholeNumber } from '../arguments.ts';
import { untilSignal } from '../until-signal.ts';
import { action, UsageError, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { max: number; since?: number };

export function historyCommand(io: Io): Command {
  return verb('history', 'show the batches that were loaded, or one batch with its files and rejected rows', [
    ['sparkify history --local', 'the latest batches of the embedded stack'],
    ['sparkify history --since 2026-01-31', 'of a day and later'],
    ['sparkify history 20260131T180000-0123456789ab', 'one batch'],
  ])
    .argument('[batch]', 'the id of a batch')
    .option('--since <time>', 'batches published since this day or time', instant('--since'))
    .option('--max <number>', 'maximum number of batches, or of files of a batch', wholeNumber('--max', 1, 10_000), 20)
    .action(async (batch: string | undefined, options: Options) => {
      await action<Options>(io, async (all) => await runHistoryCommand(batch, all, io))(options);
    });
}

async function runHistoryCommand(batchId: string | undefined, options: Options, io: Io): Promise<ExitCode> {
  if (batchId !== undefined && !isBatchId(batchId)) {
    throw new UsageError(`"${printable(batchId)}" is not the id of a batch; "sparkify history" lists the latest ids`);
  }
  const config = readConfig(processEnvironment(), ['warehouse']);
  const { max, since } = options;
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const looking = await openCheckedLooking(closing(openParts(config)), config, signal);
    if (batchId === undefined) {
      const batches = await readBatches(looking, { sinceMs: since ?? 0, max });
      io.out(options.json === true ? `${JSON.stringify({ batches }, null, 2)}\n` : renderBatches(batches, max));
      return 0;
    }
    const history = await readBatch(looking, batchId, max);
    if (history === null) {
      throw new UsageError(
        `the ledger of schema "${looking.schema}" has no batch ${batchId}; "sparkify history" lists the latest`,
      );
    }
    io.out(options.json === true ? `${JSON.stringify(history, null, 2)}\n` : renderBatch(history, max));
    return 0;
  });
}
