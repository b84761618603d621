import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** During a test run, what was bundled from the source (`stacks-of-workers.ts`). */
const MAIN = process.env['BUNDLED_PROGRAM'] ?? SOURCE;

export type ProcessEnd = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A line of the log, as JSON. */
export type LogLine = Readonly<Record<string, unknown>>;

export type StartOptions = {
  readonly args: readonly string[];
  /** Settings only: nothing named SPARKIFY_* or AWS_* is inherited from whoever runs the tests. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** In a process group of its own, so that the whole group can be signalled as a terminal's Ctrl-C does. */
  readonly ownGroup?: boolean;
  /** The program as it was built elsewhere, instead of this checkout's source. */
  readonly program?: BuiltProgram;
};

/** Another way to start the program: the words before its own arguments, and as whom. */
export type BuiltProgram = {
  readonly command: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
};

/** The real program as a child process. */
export class SparkifyProcess {
  readonly pid: number;
  readonly end: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #output = { stdout: '', stderr: '' };
  readonly #listeners = new Set<() => void>();
  #ended = false;

  constructor(options: StartOptions) {
    // What is imported before the program changes modules of the source.
    const main = 'NODE_OPTIONS' in options.environment ? SOURCE : MAIN;
    const [file = process.execPath, ...first] = options.program?.command ?? [process.execPath, main];
    this.#child = spawn(file, [...first, ...options.args], {
      cwd: options.workingDirectory ?? PROJECT,
      env: { ...cleanEnvironment(), ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.ownGroup ?? false,
      ...options.program?.user,
    });
    const { pid } = this.#child;
    // Said by the constructor; without a listener the event would end the whole test run.
    this.#child.once('error', () => undefined);
    if (pid === undefined) throw new Error(`${file} could not be started`);
    this.pid = pid;
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#output[name] += text;
        this.#notify();
      });
    }
    this.end = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#ended = true;
        resolve({ code, signal, ...this.#output });
        this.#notify();
      });
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Standard output and standard error so far, without colours. */
  get text(): string {
    return stripVTControlCharacters(this.#output.stdout + this.#output.stderr);
  }

  /** The log lines so far, from both outputs; lines that are not JSON objects are left out. */
  logLines(): readonly LogLine[] {
    return [...jsonLines(this.#output.stdout), ...jsonLines(this.#output.stderr)];
  }

  /**
   * Waits until `look` gives something else than `undefined`; asked again after every piece of output.
   *
   * @throws Error with the output when the process ends, or the time is over, first.
   */
  async waitFor<T>(what: string, look: (process: SparkifyProcess) => T | undefined, timeoutMs = 60_000): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(timer);
        this.#listeners.delete(check);
        act();
      };
      const check = (): void => {
        const found = look(this);
        if (found !== undefined) finish(() => resolve(found));
        else if (this.#ended) finish(() => reject(new Error(`ended before ${what}:\n${this.text}`)));
      };
      const timer = setTimeout(() => {
        finish(() => reject(new Error(`no ${what} within ${timeoutMs} ms:\n${this.text}`)));
      }, timeoutMs);
      this.#listeners.add(check);
      check();
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** As a terminal does: the signal goes to every process of the group. Needs `ownGroup`. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** For the end of a test, whatever state the process is in. */
  async dispose(): Promise<void> {
    if (!this.#ended) this.#child.kill('SIGKILL');
    await this.end;
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Runs the program to its end. */
export async function runSparkify(options: StartOptions): Promise<ProcessEnd> {
  return await new SparkifyProcess(options).end;
}

function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SPARKIFY|AWS)_|^(NODE_OPTIONS|VITEST.*)$/.test(name));
  return { ...(Object.fromEntries(kept) as Record<string, string>), NO_COLOR: '1' };
}

function jsonLines(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
}
