import cliProgress from 'cli-progress';
import type { Io } from './io.ts';

export type Progress = {
  /** Progress so far; `note` follows the numbers. */
  update(done: number, note: string): void;
  /** Ends the bar. */
  close(): void;
};

const LINE_EVERY_MS = 5_000;

/**
 * A bar on a terminal, a plain line every five seconds elsewhere.
 *
 * @param total the final value of "done"; `null` if unknown.
 */
export function startProgress(input: { io: Io; label: string; total: number | null; nowMs: () => number }): Progress {
  return input.io.isTerminal && input.total !== null ? terminalBar(input.label, input.total) : plainLines(input);
}

function terminalBar(label: string, total: number): Progress {
  const bar = new cliProgress.SingleBar({
    format: `${label} {bar} {percentage}% {note}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    clearOnComplete: false,
    stream: process.stderr,
    fps: 8,
  });
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note) => bar.update(done, { note }),
    close: () => bar.stop(),
  };
}

function plainLines(input: { io: Io; label: string; total: number | null; nowMs: () => number }): Progress {
  let lastMs = input.nowMs();
  return {
    update: (done, note) => {
      if (input.nowMs() - lastMs < LINE_EVERY_MS) return;
      lastMs = input.nowMs();
      const share = input.total === null || input.total === 0 ? '' : ` ${Math.floor((100 * done) / input.total)}%`;
      input.io.err(`${input.label}:${share} ${note}\n`);
    },
    close: () => undefined,
  };
}
