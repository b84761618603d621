import type { ProcessEnd } from '../test/support/sparkify-process.ts';
import { runSparkify } from '../test/support/sparkify-process.ts';
import { asOperator } from './as-operator.ts';
import type { BenchStack } from './start-stack.ts';

/** Runs a command of the built program on the stack. @throws Error when it fails. */
export async function runCommand({ environment }: BenchStack, ...args: readonly string[]): Promise<ProcessEnd> {
  const end = await runSparkify({ args, environment, program: asOperator() });
  if (end.code !== 0) throw new Error(`sparkify ${args.join(' ')} failed:\n${end.stderr}`);
  return end;
}
