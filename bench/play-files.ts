import { logLine } from '../test/support/log-lines.ts';

/** A small log file whose rows can be told from all others: each has a minute and a session of its own. */
export type PlayFile = {
  readonly key: string;
  readonly body: string;
  readonly sessionId: number;
  /** Of its last play, as the star has it: `YYYY-MM-DD HH:MM:SS.mmm`. */
  readonly lastStartTime: string;
};

const FIRST_MINUTE_MS = Date.UTC(2018, 10, 1);

/** Hands out files with `playsPerFile` plays each; no two share a session or a start time. */
export class PlayFiles {
  readonly #playsPerFile: number;
  #next = 1;

  constructor(playsPerFile: number) {
    this.#playsPerFile = playsPerFile;
  }

  take(): PlayFile {
    const number = this.#next;
    this.#next += 1;
    const firstMs = FIRST_MINUTE_MS + number * 60_000;
    const plays = Array.from({ length: this.#playsPerFile }, (_, item) =>
      logLine({
        sessionId: number,
        itemInSession: item,
        ts: firstMs + item * 1000,
        userId: String(1 + (number % 500)),
        song: `Song ${number}-${item}`,
      }),
    );
    const lastMs = firstMs + (this.#playsPerFile - 1) * 1000;
    return {
      key: `log_data/bench/${String(number).padStart(6, '0')}.json`,
      body: plays.join(''),
      sessionId: number,
      lastStartTime: new Date(lastMs).toISOString().replace('T', ' ').replace('Z', ''),
    };
  }
}
