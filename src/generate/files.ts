import { Catalogue } from './catalogue.ts';
import { generateEvents } from './events.ts';
import { renderLogEvent } from './log-event.ts';
import type { GenerateOptions } from './events.ts';

/** A finished file, ready to be written in one go. */
export type GeneratedFile = {
  readonly kind: 'logs' | 'songs';
  readonly key: string;
  readonly body: Uint8Array;
  /** Events in a log file, 1 for a song. */
  readonly entries: number;
};

/** A file is held in memory until it is whole, so it ends here: 16 MiB, about 35,000 events. */
const MAX_FILE_BYTES = 16_777_216;

/** All song files of the catalogue, one song each. */
export function* generateSongFiles(options: GenerateOptions): Generator<GeneratedFile> {
  const catalogue = new Catalogue(options);
  const encoder = new TextEncoder();
  for (let index = 0; index < catalogue.size; index += 1) {
    const body = encoder.encode(JSON.stringify(catalogue.song(index)));
    yield { kind: 'songs', key: catalogue.key(index, options.songPrefix), body, entries: 1 };
  }
}

/**
 * All log files in order of time: `log_data/2018/11/2018-11-01-events.json`, and `…-events-0002.json` and so on when
 * a day has several.
 */
export function* generateLogFiles(options: GenerateOptions): Generator<GeneratedFile> {
  const maxEvents = options.files === null ? Infinity : Math.max(1, Math.ceil(options.events / options.files));
  let day = '';
  let number = 0;
  let lines: string[] = [];
  let bytes = 0;

  const finish = (): GeneratedFile => {
    const entries = lines.length;
    const body = Buffer.from(lines.join(''));
    lines = [];
    bytes = 0;
    number += 1;
    return { kind: 'logs', key: logKey(options.logPrefix, day, number), body, entries };
  };

  for (const event of generateEvents(options)) {
    const line = renderLogEvent(event);
    const lineBytes = Buffer.byteLength(line);
    const eventDay = new Date(event.ts).toISOString().slice(0, 10);
    const isFull = lines.length >= maxEvents || bytes + lineBytes > MAX_FILE_BYTES;
    if (lines.length > 0 && (isFull || eventDay !== day)) yield finish();
    if (eventDay !== day) number = 0;
    day = eventDay;
    lines.push(line);
    bytes += lineBytes;
  }
  if (lines.length > 0) yield finish();
}

function logKey(prefix: string, day: string, number: number): string {
  const suffix = number === 1 ? '' : `-${String(number).padStart(4, '0')}`;
  return `${prefix}${day.slice(0, 4)}/${day.slice(5, 7)}/${day}-events${suffix}.json`;
}
