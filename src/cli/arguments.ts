import { accessSync, constants, statSync } from 'node:fs';
import { Option } from 'commander';
import { UsageError } from './verb.ts';

/** A parser for commander: a whole number within bounds; `_` may group digits. */
export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text.replaceAll('_', ''));
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new UsageError(`${option} ${text}: expected a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

/** A parser for commander: a part of one. */
export function share(option: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isNaN(value) || value < 0 || value > 1) {
      throw new UsageError(`${option} ${text}: expected a number from 0 to 1`);
    }
    return value;
  };
}

/** `host:port`, `:port` or `[::1]:port`. */
export function hostAndPort(option: string): (text: string) => { host: string; port: number } {
  return (text) => {
    const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
    const port = Number(match?.[3]);
    if (match === null || port > 65_535) {
      throw new UsageError(`${option} ${text}: expected host:port, such as 127.0.0.1:8080 (port 0: any free one)`);
    }
    const host = match[1] ?? match[2] ?? '';
    return { host: host === '' ? '127.0.0.1' : host, port };
  };
}

/** A parser for commander: a day; epoch ms of its first moment in UTC. */
export function day(option: string): (text: string) => number {
  return (text) => {
    if (!isDay(text)) throw new UsageError(`${option} ${text}: expected a day, such as 2026-01-31`);
    return Date.parse(`${text}T00:00:00Z`);
  };
}

/** A day or a time, UTC unless it names its zone; epoch ms. */
export function instant(option: string): (text: string) => number {
  return (text) => {
    const [date = '', time] = text.split('T');
    const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/.test(text);
    const hasZone = /(Z|[+-]\d{2}:\d{2})$/.test(text);
    const atMs = Date.parse(time === undefined ? `${text}T00:00:00Z` : hasZone ? text : `${text}Z`);
    if (!isDay(date) || (time !== undefined && !isTime) || Number.isNaN(atMs)) {
      throw new UsageError(`${option} ${text}: expected a day (2026-01-31) or a time (2026-01-31T18:00:00Z)`);
    }
    return atMs;
  };
}

/** Whether the text is a day of the calendar. `Date.parse` takes the 30th of February for the second of March. */
function isDay(text: string): boolean {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

/** @throws UsageError when the end of a range of time is not after its start. */
export function checkRange({ since, until }: { readonly since?: number; readonly until?: number }): void {
  if (since === undefined || until === undefined || since < until) return;
  const [from, to] = [since, until].map((atMs) => new Date(atMs).toISOString());
  throw new UsageError(`--since ${from ?? ''} --until ${to ?? ''}: expected an end after the start`);
}

/** The option that names a file with keys. @throws UsageError, when it is parsed, if the file cannot be read. */
export function keysFromOption(): Option {
  const option = new Option(
    '--keys-from <file>',
    'only the keys in this file, one a line: a key, s3://bucket/key, or a JSON string',
  );
  return option.argParser((file: string) => {
    const why = whyUnreadable(file);
    if (why !== null) throw new UsageError(`--keys-from ${file}: expected a file; ${why}`);
    return file;
  });
}

function whyUnreadable(file: string): string | null {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isDirectory() ? 'found a directory' : null;
  } catch (error) {
    return `it cannot be read (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** A parser for commander: why a person decides something, at most 1,024 bytes (`ingest_batches.why`). */
export function reason(option: string): (text: string) => string {
  return (text) => {
    const bytes = Buffer.byteLength(text);
    if (text.trim() === '' || bytes > 1024)
      throw new UsageError(`${option}: expected a reason, 1 to 1024 bytes; found ${bytes}`);
    return text;
  };
}
