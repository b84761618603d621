import { createHash } from 'node:crypto';
import type { Lane } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { RouteSettings } from '../core/route.ts';
import { prefixWithin, route } from '../core/route.ts';

/** Which listed objects are wanted. Times are epoch ms; `since` is inclusive, `until` is exclusive. */
export type BackfillRange = {
  /** Lists only below this prefix; `null` lists both datasets. */
  readonly prefix: string | null;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
};

export type BackfillLimits = { readonly maxFiles: number; readonly maxBytes: number };

/** Of a group, which a backfill looks up at once. */
export const BACKFILL_MAX_BYTES = 2 * 1024 * 1024 * 1024;

/** Files of one lane. */
export type BackfillGroup = { readonly lane: Lane; readonly files: readonly FileEvent[]; readonly bytes: number };

/**
 * The prefixes to list, songs first, so that plays find their songs at once. A prefix of the caller that contains a dataset's prefix is
 * narrowed to it; one outside of both lists nothing.
 */
export function prefixesToList(settings: RouteSettings, prefix: string | null): readonly string[] {
  const datasets = [settings.songPrefix, settings.logPrefix];
  return datasets.flatMap((dataset) => prefixWithin(dataset, prefix) ?? []);
}

/** The lane of a listed object; `null` for an object outside the range, a folder marker or a work file. */
export function wantedLane(
  file: FileEvent,
  settings: RouteSettings,
  range: BackfillRange,
): Exclude<Lane, 'ignored'> | null {
  if (range.sinceMs !== null && file.eventTimeMs < range.sinceMs) return null;
  if (range.untilMs !== null && file.eventTimeMs >= range.untilMs) return null;
  const routed = route(file, settings);
  return routed.kind === 'load' ? routed.lane : null;
}

/** Collects files into groups by lane; returns a group when one more file would overflow it. */
export class Grouping {
  readonly #limits: BackfillLimits;
  readonly #open = new Map<Lane, { files: FileEvent[]; keys: Set<string>; bytes: number }>();

  constructor(limits: BackfillLimits) {
    this.#limits = limits;
  }

  /** A file of keys may name a key twice; a group has the key once. @returns the full group, if any. */
  add(lane: Lane, file: FileEvent): BackfillGroup | null {
    const open = this.#open.get(lane) ?? { files: [], keys: new Set(), bytes: 0 };
    if (open.keys.has(file.key)) return null;
    const isFull =
      open.files.length > 0 &&
      (open.files.length >= this.#limits.maxFiles || open.bytes + file.size > this.#limits.maxBytes);
    if (isFull) {
      this.#open.set(lane, { files: [file], keys: new Set([file.key]), bytes: file.size });
      return { lane, files: open.files, bytes: open.bytes };
    }
    open.files.push(file);
    open.keys.add(file.key);
    open.bytes += file.size;
    this.#open.set(lane, open);
    return null;
  }

  /** The remaining groups. */
  rest(): readonly BackfillGroup[] {
    const groups = [...this.#open].map(([lane, { bytes, files }]) => ({ lane, files, bytes }));
    this.#open.clear();
    return groups.filter(({ files }) => files.length > 0);
  }
}

/** Files of a part: few enough that several backfills can share a small bucket. */
const PART_FILES = 500;

/** A part of a group; `left`: its files that the ledger lacked at `lookedUpAtMs`. */
export type LookedUpPart = {
  readonly part: BackfillGroup;
  readonly left: readonly FileEvent[];
  readonly lookedUpAtMs: number;
};

/** The parts of a group, each of which one backfill loads when several share the work. */
export function partsOf({ files, lane }: BackfillGroup): readonly BackfillGroup[] {
  const parts: BackfillGroup[] = [];
  for (let from = 0; from < files.length; from += PART_FILES) {
    parts.push(groupOf(lane, files.slice(from, from + PART_FILES)));
  }
  return parts;
}

export function groupOf(lane: Lane, files: readonly FileEvent[]): BackfillGroup {
  return { lane, files, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** The name of a part that two backfills of the same listing have in common. */
export function groupName({ files, lane }: BackfillGroup): string {
  const [first, last] = [files[0]?.key, files.at(-1)?.key];
  return createHash('md5')
    .update(JSON.stringify([lane, first, last, files.length]))
    .digest('hex');
}

/**
 * A line of a file of keys: a key, `s3://bucket/key`, or either as a JSON string, for keys with line breaks. Carriage returns at the
 * end do not count.
 *
 * @returns the key; `null` for an empty line and for a key of another bucket.
 */
export function listedKey(line: string, bucket: string): string | null {
  const text = unquoted(line.replace(/\r+$/, ''));
  if (text.trim() === '') return null;
  const [, ofBucket, key] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(text) ?? [];
  if (ofBucket === undefined) return text;
  return ofBucket === bucket && key !== '' ? (key ?? null) : null;
}

function unquoted(text: string): string {
  if (!/^\s*".*"\s*$/s.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}
