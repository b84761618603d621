import { format } from 'node:util';
import type { Emit } from '../core/events.ts';

/** So many different sentences are remembered; a library that never repeats itself must not fill the memory. */
const REMEMBERED = 1000;

/**
 * Sends to the log what libraries write on the console (the AWS SDK does where it has no logger) and the warnings of
 * Node, each sentence once, until the process ends. Otherwise plain text would stand between the lines of JSON.
 */
export function routeWarnings(emit: Emit): void {
  const seen = new Set<string>();
  const warn = (...words: readonly unknown[]): void => {
    const sentence = format(...words)
      .replaceAll(/\s+/g, ' ')
      .trim();
    if (seen.has(sentence)) return;
    if (seen.size >= REMEMBERED) seen.clear();
    seen.add(sentence);
    emit({ kind: 'process.warned', sentence });
  };
  Object.assign(console, { debug: warn, log: warn, info: warn, warn, error: warn, trace: warn });
  // Node's own listener prints the warning.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => warn(`${name}: ${message}`));
}
