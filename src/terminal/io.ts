import { columnsOf, wrapped } from './width.ts';

/** Where a command writes. Results go to standard output, progress and errors to standard error. */
export type Io = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person watches standard error (progress bars, colours). */
  readonly isTerminal: boolean;
};

/** On a terminal sentences follow its width; JSON stays as it is. */
export const processIo: Io = {
  out: (text) => void process.stdout.write(fitted(text, process.stdout)),
  err: (text) => void process.stderr.write(fitted(text, process.stderr)),
  isTerminal: process.stderr.isTTY,
};

function fitted(text: string, stream: NodeJS.WriteStream): string {
  return /^[[{]/.test(text) ? text : wrapped(text, columnsOf(stream));
}
