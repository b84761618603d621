import { writeFileSync } from 'node:fs';
import { UsageError } from './verb.ts';

/** Writes the file that an option names. @throws UsageError when it cannot be written. */
export function writeFileOf(option: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(
      `${option} ${file}: cannot be written (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}
