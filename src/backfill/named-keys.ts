import { open } from 'node:fs/promises';
import { IngestError } from '../core/errors.ts';
import type { RouteSettings } from '../core/route.ts';
import { route } from '../core/route.ts';
import type { ListKeys } from './list-files.ts';
import { listedKey } from './plan-backfill.ts';

const KEYS_PER_PAGE = 1_000;

export type NamedKeys = {
  readonly list: ListKeys;
  /** Names of the last pass that are not of a log or a song of the bucket: their number, and the first. */
  foreign(): { readonly lines: number; readonly first: string | null };
  /** The message for a person when the list is empty. */
  readonly whenEmpty: string;
};

/** A file of keys, one a line (see `listedKey`). It is read line by line, because it may name every object of the bucket. */
export function openKeysFile(path: string, settings: RouteSettings): NamedKeys {
  return namedKeys(async function* lines() {
    const file = await open(path).catch((cause: unknown) => {
      const seen = cause instanceof Error ? cause.message : String(cause);
      throw new IngestError('config_invalid', `The file of --keys-from cannot be read: ${seen}.`, { cause });
    });
    let isFirst = true;
    for await (const line of file.readLines()) {
      // The byte order mark of an editor.
      const text = isFirst ? line.replace(/^\uFEFF/, '') : line;
      isFirst = false;
      if (text.trim() !== '') yield text;
    }
  }, settings);
}

/** @param lines as in `listedKey`; each call begins again at the first. */
export function namedKeys(
  lines: () => AsyncIterable<string> | Iterable<string>,
  settings: RouteSettings,
  whenEmpty = 'No key was named.',
): NamedKeys {
  let foreign: { lines: number; first: string | null } = { lines: 0, first: null };
  return {
    foreign: () => foreign,
    whenEmpty,
    list: async function* list() {
      foreign = { lines: 0, first: null };
      let page: string[] = [];
      for await (const line of lines()) {
        const key = listedKey(line, settings.bucket);
        const to = key === null ? null : route({ bucket: settings.bucket, change: 'put', key }, settings);
        if (key !== null && to?.kind === 'load') page.push(key);
        else foreign = { lines: foreign.lines + 1, first: foreign.first ?? line };
        if (page.length < KEYS_PER_PAGE) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    },
  };
}
