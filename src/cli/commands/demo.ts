import { INTERRUPTED, trapSignals } from '../../app/lifecycle.ts';
import { loadEmbeddedStack } from '../embedded-stack.ts';
import { action, plainVerb } from '../verb.ts';
import type { Command } from 'commander';
import type { ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = { keep?: true };

export function demoCommand(io: Io): Command {
  return plainVerb('demo', 'the whole story in under a minute: no account, no Docker, nothing left behind', [
    ['sparkify demo', 'start, load, repair, repeat, ask, compare'],
    ['sparkify demo --keep', 'the same, and leave it running to play with'],
  ])
    .option('--keep', 'leave the stack and the consumer running until Ctrl-C')
    .action(action<Options>(io, async (options) => await runDemoCommand(options, io)));
}

async function runDemoCommand(options: Options, io: Io): Promise<ExitCode> {
  const { runDemo } = await loadEmbeddedStack('demo', async () => await import('../../demo/run-demo.ts'));
  const life = trapSignals(() => io.err('\nstopping everything …\n'));
  const keep = options.keep === true;
  try {
    await runDemo({ io, keep, signal: life.intake });
    return 0;
  } catch (error) {
    if (life.signalSeen() !== null) return INTERRUPTED;
    throw error;
  } finally {
    life.dispose();
  }
}
