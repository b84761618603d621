import { styleText } from 'node:util';
import pino from 'pino';
import { printable } from '../core/printable.ts';
import { describeEvent } from './describe-event.ts';
import type { Emit } from '../core/events.ts';
import type { LogLevel } from './describe-event.ts';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * JSON lines for machines: one object per line, on standard error, because standard output is for the command's result. Control and
 * format characters are JSON escapes: harmless at a terminal, and parsed back unchanged.
 */
export function jsonLogger(input: { level: LogLevel; consumer: string; stream?: pino.DestinationStream }): Emit {
  // Synchronous, so that the last line before a crash is written.
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
  // Alarms need its numbers, whatever level people want to read.
  const forAlarms = logger.child({}, { level: 'info' });
  return (event) => {
    const line = describeEvent(event);
    (event.kind === 'consumer.measured' ? forAlarms : logger)[line.level](line.fields, line.sentence);
  };
}

/** The same lines for a terminal: time and sentence, with colour for warnings and errors. */
export function terminalLogger(input: { level: LogLevel; nowMs: () => number; write: (text: string) => void }): Emit {
  return (event) => {
    // For machines; a person has `sparkify status`.
    if (event.kind === 'consumer.measured') return;
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
