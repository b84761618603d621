import { openParts } from '../../app/compose.ts';
import { openStatus } from '../../app/compose-look.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import { realClock } from '../../app/real.ts';
import { renderStatus } from '../../terminal/status.ts';
import { untilSignal } from '../until-signal.ts';
import { action, UsageError, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { Status } from '../../look/status.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { watch?: true; check?: true; warehouse: boolean };

const WATCH_EVERY_MS = 2_000;

export function statusCommand(io: Io): Command {
  const command = verb(
    'status',
    'show consumers, backlog, how far the service is behind, the last batches, and what is wrong',
    [
      ['sparkify status --local', 'of the embedded stack'],
      ['sparkify status --watch', 'again and again, until Ctrl-C'],
      ['sparkify status --check --no-warehouse', 'for a monitor: exit code 1 and the reasons if something is wrong'],
    ],
  )
    .option('--watch', 'show the status every 2 s, and ask the warehouse once a minute')
    .option('--check', 'print only what is wrong, and exit with 1 if anything is')
    .option('--no-warehouse', 'do not ask the warehouse (a paused Serverless workgroup would resume)')
    .action(action<Options>(io, async (options) => await runStatusCommand(options, io)));
  return withNotes(
    command,
    'Behind: the age of the oldest put that a consumer holds; "at least" while the queue has more. Put → visible: from the put ' +
      'of a file to the commit of its rows, of the files of the last hour. Status changes nothing: it reads <work prefix>state/, ' +
      'where consumers write what they do, the counts of the queue, and the ledger.',
  );
}

async function runStatusCommand(options: Options, io: Io): Promise<ExitCode> {
  if (options.watch === true && options.check === true) {
    throw new UsageError('--watch and --check cannot be combined; run --check from a monitor');
  }
  const environment = processEnvironment();
  const config = readConfig(environment, ['bucket', 'queue', 'batching']);
  const forWarehouse = options.warehouse ? readConfig(environment, ['warehouse']) : null;
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const read = openStatus(parts, { ...config, forWarehouse }, signal);
    if (options.watch !== true) return print(await read(), options, io);
    for (;;) {
      const status = await read();
      if (options.json === true) io.out(`${JSON.stringify(status)}\n`);
      else io.out(`${io.isTerminal ? CLEAR : '\n'}${renderStatus(status)}`);
      await realClock.sleep(WATCH_EVERY_MS, signal);
      if (signal.aborted) return 0;
    }
  });
}

/** Moves the cursor to the top left and clears the screen. */
const CLEAR = '\u001b[H\u001b[2J';

function print(status: Status, options: Options, io: Io): ExitCode {
  const { problems } = status;
  if (options.json === true) io.out(`${JSON.stringify(status, null, 2)}\n`);
  else if (options.check !== true) io.out(renderStatus(status));
  else io.out(problems.length === 0 ? 'ok\n' : problems.map((sentence) => `${sentence}\n`).join(''));
  return options.check === true && problems.length > 0 ? 1 : 0;
}
