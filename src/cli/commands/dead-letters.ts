import { processEnvironment, readConfig } from '../../app/config.ts';
import { INTERRUPTED } from '../../app/lifecycle.ts';
import { listDeadLetters } from '../../app/compose-dead-letters.ts';
import { wholeNumber } from '../arguments.ts';
import { renderDeadLetters } from '../../terminal/dead-letters.ts';
import { untilSignal } from '../until-signal.ts';
import { action, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { max: number };

export function deadLettersCommand(io: Io): Command {
  const command = verb('dead-letters', 'list the messages on the dead-letter queue, with the reason; they stay there', [
    ['sparkify dead-letters --local', 'of the embedded stack'],
    ['sparkify dead-letters --json', 'with the whole messages, for another program'],
  ])
    .option('--max <number>', 'maximum number of messages', wholeNumber('--max', 1, 10_000), 100)
    .action(action<Options>(io, async (options) => await runDeadLettersCommand(options, io)));
  return withNotes(
    command,
    '"sparkify backfill" loads the files that the messages announce, if they are in the bucket. Report other messages to ' +
      'their sender. When you have seen the messages, empty the queue with PurgeQueue.',
  );
}

async function runDeadLettersCommand(options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['queue']);
  return await untilSignal(io, 'stopping …', async (signal) => {
    const found = await listDeadLetters(config, { max: options.max, signal });
    io.out(options.json === true ? `${JSON.stringify(found, null, 2)}\n` : renderDeadLetters(found, options.max));
    // A signal makes the list end early.
    return signal.aborted ? INTERRUPTED : 0;
  });
}
