/** What a running command watches. */
export type Lifecycle = {
  /** Aborted by the first signal: take nothing new. */
  readonly intake: AbortSignal;
  /** The signal that came, `null` while none has. */
  signalSeen(): NodeJS.Signals | null;
  /** As if the signal had come; for the end of a command that nobody interrupted. */
  stop(): void;
  /** Removes the handlers. */
  dispose(): void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The exit code of a process that leaves at once (128 + SIGINT, as shells count). */
export const INTERRUPTED = 130;

/**
 * Two-phase stop. The first SIGINT, SIGTERM or SIGHUP asks to finish; the second leaves at once, which is as safe as
 * `kill -9`: nothing is acknowledged before it is committed.
 *
 * @param onFirst told which signal came, for a line to the person who waits.
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
    stop: () => intake.abort(),
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
