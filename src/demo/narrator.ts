import { styleText } from 'node:util';
import type { Io } from '../terminal/io.ts';
import { columnsOf, wrapped } from '../terminal/width.ts';

/** As wide as the time before an event. */
const INDENT = ' '.repeat(9);

/** Tells the story: chapters, what happens in them, and when. */
export class Narrator {
  readonly #io: Io;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #chapter = 0;

  constructor(io: Io, nowMs: () => number) {
    this.#io = io;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  /** A new chapter: what is going to happen, in one line. */
  chapter(title: string): void {
    this.#chapter += 1;
    this.#io.out(`\n${this.#style(['bold', 'cyan'], `${this.#chapter}. ${title}`)}\n`);
  }

  /** Something happened; the time since the beginning stands before it. */
  event(text: string): void {
    const seconds = ((this.#nowMs() - this.#startMs) / 1000).toFixed(1).padStart(5);
    const lines = wrapped(text, this.columns).split('\n');
    this.#io.out(`${this.#style(['dim'], `${seconds} s`)}  ${lines.join(`\n${INDENT}`)}\n`);
  }

  /** The point of a chapter. */
  result(text: string): void {
    this.event(`${this.#style(['green'], '✓')} ${text}`);
  }

  warn(text: string): void {
    this.event(`${this.#style(['yellow'], '!')} ${text}`);
  }

  /** A block as it is, indented. */
  block(text: string): void {
    const lines = text.trimEnd().split('\n');
    this.#io.out(`${lines.map((line) => (line === '' ? '' : `${INDENT}${line}`)).join('\n')}\n`);
  }

  plain(text: string): void {
    this.#io.out(`${text}\n`);
  }

  /** For what is printed beside the times. */
  get columns(): number {
    return columnsOf(process.stdout) - INDENT.length;
  }

  get elapsedSeconds(): number {
    return (this.#nowMs() - this.#startMs) / 1000;
  }

  #style(format: Parameters<typeof styleText>[0], text: string): string {
    return styleText(format, text, { stream: process.stdout });
  }
}
