import cliProgress from 'cli-progress';
import type { Io } from './io.ts';
import { columnsOf } from './width.ts';

/** What a command has done so far. */
export type ProgressNow = {
  readonly done: number;
  /** The final value of `done`; `null` if unknown. */
  readonly total: number | null;
  /** Follows the bar. */
  readonly note: string;
};

const LINE_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 250;
/** Columns of a bar; where there is less room, there is none. */
const BAR = { most: 40, least: 10 };

/**
 * A bar on a terminal, elsewhere a line at once and then every five seconds.
 *
 * @param look called whenever something is shown.
 * @returns ends the bar.
 */
export function startProgress(input: { io: Io; label: string; look: () => ProgressNow }): { close(): void } {
  const { io, label, look } = input;
  if (io.isTerminal) return terminalBar(label, look);
  return every(LINE_EVERY_MS, () => io.err(`${progressLine(label, look(), 0)}\n`));
}

/** Calls `act` now and at intervals. */
export function every(ms: number, act: () => void): { close(): void } {
  act();
  const timer = setInterval(act, ms);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

function terminalBar(label: string, look: () => ProgressNow): { close(): void } {
  const bar = new cliProgress.SingleBar({
    format: () => progressLine(label, look(), columnsOf(process.stderr) - 1),
    hideCursor: true,
    stream: process.stderr,
    fps: 8,
  });
  bar.start(1, 0);
  const looking = every(LOOK_EVERY_MS, () => bar.update(0));
  return {
    close: () => {
      if (!bar.isActive) return;
      looking.close();
      bar.stop();
    },
  };
}

/** One line of at most `columns`, with a bar in what its words leave; 0 columns: words only. */
export function progressLine(label: string, { done, note, total }: ProgressNow, columns: number): string {
  const share = total === null || total === 0 ? null : Math.min(1, done / total);
  const percent = share === null ? '' : `${Math.floor(100 * share)}% `;
  const words = `${percent}${note}`;
  if (columns === 0) return `${label}: ${words}`;
  const room = Math.min(BAR.most, columns - label.length - words.length - 2);
  if (share === null || room < BAR.least) return `${label} ${words}`.slice(0, columns);
  const filled = Math.round(room * share);
  return `${label} ${'█'.repeat(filled)}${'░'.repeat(room - filled)} ${words}`;
}
