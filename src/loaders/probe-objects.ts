import { IngestError } from '../core/errors.ts';
import type { Control } from '../core/loading/object-trouble.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { route } from '../core/route.ts';

type Parts = { readonly store: ObjectStore; readonly settings: RouteSettings };

/** What an object shows about its prefix. `none`: the object is gone or archived, which shows nothing about others. */
export type Probed = Exclude<Control, { kind: 'readable' }> | { readonly kind: 'readable'; readonly key: string };

/** Number of objects to probe per page; one of them has to be readable. */
export const PROBED_OBJECTS = 10;
/** Several pages, because old objects are often archived and show nothing. */
const PROBED_PAGES = 10;

/**
 * Keys to probe: from the first pages of the listing that have files, spread over each page, because neighbours often share an
 * error.
 *
 * @param input.except a key that is left out.
 * @throws IngestError when the prefix cannot be listed.
 */
export async function* keysToProbe(
  { settings, store }: Parts,
  input: { prefix: string; except: string | null; signal: AbortSignal },
): AsyncGenerator<readonly string[], void> {
  const { except, prefix, signal } = input;
  const { bucket } = settings;
  let pages = 0;
  for await (const page of store.list({ bucket, prefix, signal })) {
    const keys = page
      .filter((listed) => listed.key !== except && route(listed, settings).kind === 'load')
      .map(({ key }) => key);
    const apart = Math.max(1, keys.length / PROBED_OBJECTS);
    const some = Array.from({ length: Math.min(keys.length, PROBED_OBJECTS) }, (_, n) => keys[Math.floor(n * apart)]);
    if (some.length === 0) continue;
    yield some.filter((key) => key !== undefined);
    pages += 1;
    if (pages === PROBED_PAGES) return;
  }
}

/** Reads at most one byte of an object. */
export async function probeObject({ settings, store }: Parts, key: string, signal: AbortSignal): Promise<Probed> {
  try {
    const isThere = (await store.probe({ bucket: settings.bucket, key, signal })) !== null;
    return isThere ? { kind: 'readable', key } : { kind: 'none' };
  } catch (error) {
    return unreadable(error);
  }
}

/**
 * Probes objects at once. The first readable object ends the other probes, because some of these may be silent.
 *
 * @returns the readable object alone; without one, what each object shows.
 */
export async function probeUntilReadable(
  parts: Parts,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<readonly Probed[]> {
  const enough = new AbortController();
  const readable = Promise.withResolvers<readonly Probed[]>();
  const all = keys.map(async (key) => {
    const probed = await probeObject(parts, key, AbortSignal.any([signal, enough.signal]));
    if (probed.kind === 'readable') readable.resolve([probed]);
    return probed;
  });
  try {
    return await Promise.race([readable.promise, Promise.all(all)]);
  } finally {
    enough.abort();
  }
}

/** What an error shows about the prefix. @throws other errors than IngestError, and `aborted`. */
export function unreadable(error: unknown): Probed {
  if (!(error instanceof IngestError) || error.code === 'aborted') throw error;
  return error.code === 'object_unreadable' ? { kind: 'none' } : { kind: 'unreadable', error };
}
