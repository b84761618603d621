import { styleText } from 'node:util';
import pino from 'pino';
import { printable } from '../core/printable.ts';
import { describeEvent } from './describe-event.ts';
import type { Emit } from '../core/events.ts';
import type { LogLevel } from './describe-event.ts';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * JSON lines for machines: one object a line, on standard error, so that standard output stays the command's own. Control
 * and format characters stand as JSON escapes: harmless at a terminal, and read back as they were.
 */
export function jsonLogger(input: { level: LogLevel; consumer: string; stream?: pino.DestinationStream }): Emit {
  // Synchronous: a line about the last thing before a crash is there.
  const stream = input.stream ?? pino.destination({ dest: 2, sync: true });
  const logger = pino(
    {
      level: input.level,
      base: { consumer: input.consumer },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line) => {
        stream.write(printable(line, '\n'));
      },
    },
  );
  return (event) => {
    const line = describeEvent(event);
    logger[line.level](line.fields, line.sentence);
  };
}

/** The same lines for a person at a terminal: time, sentence, and colour where something needs a look. */
export function terminalLogger(input: { level: LogLevel; nowMs: () => number; write: (text: string) => void }): Emit {
  return (event) => {
    const line = describeEvent(event);
    if (RANK[line.level] < RANK[input.level]) return;
    const time = styleText('dim', new Date(input.nowMs()).toISOString().slice(11, 23), { stream: process.stderr });
    input.write(`${time} ${paint(line.level, printable(line.sentence))}\n`);
  };
}

function paint(level: LogLevel, sentence: string): string {
  const stream = process.stderr;
  switch (level) {
    case 'debug':
      return styleText('dim', sentence, { stream });
    case 'info':
      return sentence;
    case 'warn':
      return styleText('yellow', sentence, { stream });
    case 'error':
      return styleText('red', sentence, { stream });
  }
}
