import { join } from 'node:path';
import { instructions } from './instructions.ts';
import { DEFAULT_ENV_FILE, isOfRunningStack, writeLocalEnv } from './local-env-file.ts';
import { startLocalStack } from './start-local-stack.ts';
import { LOCAL_STACK_DEFAULTS } from './stack-options.ts';
import type { LocalStackOptions } from './stack-options.ts';

export type RunLocalOptions = LocalStackOptions & {
  /** Written when the stack is ready, removed when it stops. A second stack writes another file: see `chooseEnvFile`. */
  readonly envFile?: string;
  /** Takes one line for the person at the terminal. */
  readonly print: (line: string) => void;
};

/** The exit code with which a shell reports a program that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

/**
 * Runs the embedded stack in the foreground until SIGINT, SIGTERM or SIGHUP, then stops all of it. A second signal
 * exits at once, which is as safe as a kill: everything acknowledged is on disk, and PostgreSQL stops automatically.
 *
 * @throws LocalStackError when it cannot start, or when its database has ended.
 */
export async function runLocal(options: RunLocalOptions): Promise<void> {
  const { print } = options;
  const signals = listenForSignals(print);
  try {
    print('Starting …');
    const stack = await startLocalStack(options);
    try {
      // A signal during the start takes effect when the start is complete.
      if (!signals.received()) {
        const envFile = chooseEnvFile(options);
        const written = writeLocalEnv(envFile, stack.environment);
        try {
          for (const line of instructions(stack, envFile)) print(line);
          const failure = await Promise.race([signals.first, stack.failed]);
          if (failure !== undefined) throw failure;
        } finally {
          written.remove();
        }
      }
    } finally {
      await stack.stop();
    }
    print('Stopped.');
  } finally {
    signals.ignore();
  }
}

/** Two stacks in one working directory would overwrite each other's settings: the second stack uses its data directory. */
function chooseEnvFile({
  envFile = DEFAULT_ENV_FILE,
  dataDir = LOCAL_STACK_DEFAULTS.dataDir,
}: RunLocalOptions): string {
  return isOfRunningStack(envFile) ? join(dataDir, 'local.env') : envFile;
}

function listenForSignals(print: (line: string) => void): {
  first: Promise<undefined>;
  received(): boolean;
  ignore(): void;
} {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let received = false;
  let resolveFirst: () => void = () => undefined;
  const first = new Promise<undefined>((resolve) => (resolveFirst = () => resolve(undefined)));
  const onSignal = (): void => {
    if (received) process.exit(EXIT_INTERRUPTED);
    received = true;
    print('Stopping …');
    resolveFirst();
  };
  for (const name of names) process.on(name, onSignal);
  return {
    first,
    received: () => received,
    ignore() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
