import { writeFileSync } from 'node:fs';
import { UsageError } from './verb.ts';

/**
 * Writes the file that an option names.
 *
 * @param flag `wx`: the file must not exist yet.
 * @throws UsageError when it cannot be written.
 */
export function writeFileOf(option: string, file: string, text: string, flag: 'w' | 'wx' = 'w'): void {
  try {
    writeFileSync(file, text, { flag });
  } catch (error) {
    throw new UsageError(
      `${option} ${file}: cannot be written (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}
