import { createHash } from 'node:crypto';
import type { Time } from './tables.ts';

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** Text with its length in bytes before it, so that no two lists of texts run into the same text; "-" for null. */
function measured(text: string | null): string {
  return text === null ? '-' : `${Buffer.byteLength(text)}:${text}`;
}

/** What decides between two rows of one play identity, whatever their order: the greater one wins. */
export function playHash(values: {
  readonly level: string | null;
  readonly location: string | null;
  readonly userAgent: string | null;
  readonly title: string | null;
  readonly artistName: string | null;
  readonly length: number | null;
}): string {
  const { artistName, length, level, location, title, userAgent } = values;
  const texts = [level, location, userAgent, title, artistName].map(measured);
  return md5(`${texts.join('')}${length === null ? '-' : length}`);
}

/** The same for two events of one user at one moment. */
export function userHash(values: {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly gender: string | null;
  readonly level: string | null;
}): string {
  const { firstName, gender, lastName, level } = values;
  return md5([firstName, lastName, gender, level].map(measured).join(''));
}

/** The identity of a play. */
export function playId(sessionId: string, item: number, userId: string, startMs: number): string {
  return md5(`${sessionId}|${item}|${userId}|${startMs}`);
}

/** DECIMAL(10, 5) in 1/100000. */
export function hundredThousandths(decimal: string | null): number | null {
  return decimal === null ? null : Number(decimal.replace('.', ''));
}

/** The row of `time` for a moment, UTC: ISO week, weekday 0 = Sunday. */
export function timeRow(startMs: number): Time {
  const at = new Date(startMs);
  return {
    startMs,
    hour: at.getUTCHours(),
    day: at.getUTCDate(),
    week: isoWeek(at),
    month: at.getUTCMonth() + 1,
    year: at.getUTCFullYear(),
    weekday: at.getUTCDay(),
  };
}

/** The week whose Thursday is in the year counts for the year (ISO 8601). */
function isoWeek(at: Date): number {
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() === 0 ? 7 : thursday.getUTCDay()));
  const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - newYear) / (7 * 86_400_000)) + 1;
}

/** A time as the summaries of the stages write it. */
export function sqlTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('T', ' ').replace('Z', '');
}

/** As the warehouse orders texts, for `toSorted`. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
