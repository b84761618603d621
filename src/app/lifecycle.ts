/** The signals of a running command. */
export type Lifecycle = {
  /** Aborted by the first signal: start nothing new. */
  readonly intake: AbortSignal;
  /** The received signal; `null` before one. */
  signalSeen(): NodeJS.Signals | null;
  /** Removes the handlers. */
  dispose(): void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The exit code of an interrupted process (128 + SIGINT). */
export const INTERRUPTED = 130;

/**
 * Two-phase stop. The first SIGINT, SIGTERM or SIGHUP asks the command to finish; the second exits at once, which is as safe as
 * `kill -9`: no message is deleted before its files are committed.
 *
 * @param onFirst called with the first signal.
 */
export function trapSignals(onFirst: (signal: NodeJS.Signals) => void): Lifecycle {
  const intake = new AbortController();
  let seen: NodeJS.Signals | null = null;
  const handle = (signal: NodeJS.Signals): void => {
    if (seen !== null) process.exit(INTERRUPTED);
    seen = signal;
    onFirst(signal);
    intake.abort();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    intake: intake.signal,
    signalSeen: () => seen,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
