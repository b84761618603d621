import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { prefixesToList } from './plan-backfill.ts';

/** Keys, page by page; each call begins again at the first. */
export type ListKeys = () => AsyncIterable<readonly string[]>;

/** A page of objects, and keys that are not in the bucket. */
export type Page = { readonly files: readonly FileEvent[]; readonly missing: readonly string[] };

/** Requests at the same time for keys of a file. */
const AT_ONCE = 16;

/**
 * The objects of a backfill in passes: all pages of a pass are worked on before the next pass begins. Songs come first, so that plays
 * find their songs at once.
 *
 * @param input.keys only these keys; `null`: everything below the prefixes.
 */
export function listFiles(
  { settings, store }: { readonly store: ObjectStore; readonly settings: RouteSettings },
  input: { readonly prefix: string | null; readonly keys: ListKeys | null; readonly signal: AbortSignal },
): readonly AsyncIterable<Page>[] {
  const { keys, signal } = input;
  const { bucket } = settings;
  return prefixesToList(settings, input.prefix).map((prefix) => (keys === null ? listed(prefix) : named(keys, prefix)));

  async function* listed(prefix: string): AsyncGenerator<Page, void> {
    for await (const files of store.list({ bucket, prefix, signal })) yield { files, missing: [] };
  }

  async function* named(list: ListKeys, prefix: string): AsyncGenerator<Page, void> {
    for await (const page of list()) {
      const wanted = page.filter((key) => key.startsWith(prefix));
      for (let from = 0; from < wanted.length; from += AT_ONCE) {
        const some = wanted.slice(from, from + AT_ONCE);
        const found = await Promise.all(some.map(async (key) => await find(key)));
        const missing = some.filter((_key, index) => found[index] === null);
        yield { files: found.filter((file) => file !== null), missing };
      }
    }
  }

  /** Of the keys that begin with a key, the key itself is the first one of the listing. */
  async function find(key: string): Promise<FileEvent | null> {
    for await (const [first] of store.list({ bucket, prefix: key, signal })) return first?.key === key ? first : null;
    return null;
  }
}
