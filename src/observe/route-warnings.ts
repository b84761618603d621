import { format } from 'node:util';
import type { Emit } from '../core/events.ts';

/** Maximum number of remembered sentences, in case a library never repeats one. */
const REMEMBERED = 1000;

/**
 * Sends console output of libraries (the AWS SDK without a logger) and the warnings of Node to the log, each sentence once, so
 * that the log is JSON only.
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
  // Node's default listener prints the warning.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => warn(`${name}: ${message}`));
}
