import { INTERRUPTED, trapSignals } from '../app/lifecycle.ts';
import type { Io } from '../terminal/io.ts';
import type { ExitCode } from './verb.ts';

/** Something to close when a command ends. */
type Closable = { close(): void };

/**
 * Runs the body of a command until it ends or a signal comes, and closes what the body opened, the last first.
 *
 * @param stopping written to standard error at the first signal.
 * @returns the exit code of a body that completed, also after a signal; 130 when a signal made it fail.
 */
export async function untilSignal(
  io: Io,
  stopping: string,
  run: (signal: AbortSignal, closing: <C extends Closable>(opened: C) => C) => Promise<ExitCode>,
): Promise<ExitCode> {
  const life = trapSignals(() => io.err(`${stopping}\n`));
  const opened: Closable[] = [];
  const closing = <C extends Closable>(one: C): C => {
    opened.push(one);
    return one;
  };
  try {
    return await run(life.intake, closing);
  } catch (error) {
    if (life.signalSeen() !== null) return INTERRUPTED;
    throw error;
  } finally {
    for (const one of opened.toReversed()) one.close();
    life.dispose();
  }
}
