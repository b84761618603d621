import { processEnvironment, readConfig } from '../../app/config.ts';
import { INTERRUPTED, trapSignals } from '../../app/lifecycle.ts';
import { wholeNumber } from '../arguments.ts';
import { renderDeadLetters } from '../render/dead-letters.ts';
import { action, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../io.ts';

type Options = CommonOptions & { max: number };

export function deadLettersCommand(io: Io): Command {
  return verb('dead-letters', 'list the messages that nobody could read, with the reason; they stay where they are', [
    ['sparkify dead-letters --local', 'of the embedded stack'],
    ['sparkify dead-letters --json', 'with the whole messages, for another program'],
  ])
    .option('--max <number>', 'messages at most', wholeNumber('--max', 1, 10_000), 100)
    .addHelpText(
      'after',
      '\nA message that announces files which are in the bucket needs no repair: "sparkify backfill" loads them.\n' +
        'Others belong to whoever sent them. Empty the queue with PurgeQueue when you have seen what is in it.',
    )
    .action(action<Options>(io, async (options) => await runDeadLettersCommand(options, io)));
}

async function runDeadLettersCommand(options: Options, io: Io): Promise<ExitCode> {
  const { listDeadLetters } = await import('../../app/compose-dead-letters.ts');
  const config = readConfig(processEnvironment(), ['queue']);
  const life = trapSignals(() => io.err('stopping …\n'));
  try {
    const found = await listDeadLetters(config, { max: options.max, signal: life.intake });
    io.out(options.json === true ? `${JSON.stringify(found, null, 2)}\n` : renderDeadLetters(found, options.max));
    return life.signalSeen() === null ? 0 : INTERRUPTED;
  } catch (error) {
    if (life.signalSeen() !== null) return INTERRUPTED;
    throw error;
  } finally {
    life.dispose();
  }
}
