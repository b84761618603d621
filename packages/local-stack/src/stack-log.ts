import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The output of the servers, in `<dataDir>/logs`, for when one of them does not start. */
export type StackLog = {
  readonly file: string;
  write(line: string): void;
  /** Everything has started: from now on a clean stop removes the log, unless it is to be kept. */
  keepOnlyIfAsked(): void;
  /**
   * Something has gone wrong: the log stays.
   *
   * @returns its file.
   */
  keep(): string;
  close(): void;
};

export function stackLog(dataDir: string, keep: boolean, alsoTo: ((line: string) => void) | undefined): StackLog {
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `local-${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${process.pid}.log`);
  let removeAtEnd = false;
  return {
    file,
    write(line) {
      appendFileSync(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
      alsoTo?.(line);
    },
    keepOnlyIfAsked() {
      removeAtEnd = !keep;
    },
    keep() {
      removeAtEnd = false;
      return file;
    },
    close() {
      if (removeAtEnd) rmSync(file, { force: true });
    },
  };
}
