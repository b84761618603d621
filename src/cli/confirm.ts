import { createInterface } from 'node:readline/promises';
import type { Io } from '../terminal/io.ts';
import { UsageError } from './verb.ts';

/**
 * Asks a person a question on the terminal.
 *
 * @param withoutTerminal the sentence of the error when nobody can answer.
 * @returns the answer without blanks around it.
 * @throws UsageError without a terminal.
 */
export async function answerTo(question: string, io: Io, withoutTerminal: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(withoutTerminal);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(question);
  lines.close();
  io.err('');
  return answer.trim();
}
