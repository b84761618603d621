import { backoffMs } from '../core/backoff.ts';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Control, FileTrouble } from '../core/object-trouble.ts';
import { needsControl, objectVerdict, TRY_AGAIN } from '../core/object-trouble.ts';
import type { Clock, ObjectStore, Random } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { route } from '../core/route.ts';

type Parts = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: RouteSettings;
};

/** What the reader does about objects that S3 does not deliver. */
export type ReadTroubles = {
  /** Asked once for an object, before the first try. */
  about(file: FileEvent): {
    /** S3 delivered it. */
    onRead(): void;
    /**
     * @returns with what the object is set aside; `null` when it is to be tried again, now.
     * @throws IngestError when the error is not about this object: the reading ends.
     */
    onError(error: IngestError, signal: AbortSignal): Promise<FileTrouble | null>;
  };
};

/** One of this many listed objects has to be readable. */
const LISTED_CONTROLS = 10;

/**
 * What a loader does when S3 does not deliver an object: it asks for another one below the same prefix, at every try
 * (`core/object-trouble.ts` says what follows). While S3 delivers, nothing is asked. One for the life of a loader, because
 * the first object to ask for is the last one that it read.
 */
export function objectTroubles(parts: Parts): ReadTroubles {
  const { clock, random, settings } = parts;
  const lastRead = new Map<string, string>();
  return {
    about: (file) => {
      const prefix = file.key.startsWith(settings.songPrefix) ? settings.songPrefix : settings.logPrefix;
      const beganAtMs = clock.nowMs();
      let tries = 0;
      return {
        onRead: () => {
          lastRead.set(prefix, file.key);
        },
        onError: async (error, signal) => {
          tries += 1;
          // Before the others are asked: how long they take says nothing of this one.
          const spentMs = clock.nowMs() - beganAtMs;
          const control = needsControl(error)
            ? await askOthers(parts, { file, prefix, lastRead: lastRead.get(prefix) ?? null, signal })
            : NONE;
          if (control.kind === 'readable') lastRead.set(prefix, control.key);
          const verdict = objectVerdict({ error, control, tries, spentMs });
          if (verdict.kind === 'give_up') throw verdict.error;
          if (verdict.kind === 'set_aside') return verdict.trouble;
          await clock.sleep(backoffMs(tries, TRY_AGAIN, random), signal);
          return null;
        },
      };
    },
  };
}

type Asked = Exclude<Control, { kind: 'readable' }> | { readonly kind: 'readable'; readonly key: string };

const NONE: Asked = { kind: 'none' };

/** Whether another object can be read: the last one that was, or else one of ten that are listed. */
async function askOthers(
  parts: Parts,
  others: { file: FileEvent; prefix: string; lastRead: string | null; signal: AbortSignal },
): Promise<Asked> {
  const { file, lastRead, prefix, signal } = others;
  if (lastRead !== null && lastRead !== file.key) {
    const asked = await ask(parts, lastRead, signal);
    if (asked.kind === 'readable') return asked;
  }
  try {
    const keys = await listedKeys(parts, { file, prefix, signal });
    const asked = await Promise.all(keys.map((key) => ask(parts, key, signal)));
    return asked.find(({ kind }) => kind === 'readable') ?? asked.find(({ kind }) => kind === 'unreadable') ?? NONE;
  } catch (error) {
    return unreadable(error);
  }
}

async function ask({ settings, store }: Parts, key: string, signal: AbortSignal): Promise<Asked> {
  try {
    const isThere = await store.probe({ bucket: settings.bucket, key, signal });
    return isThere ? { kind: 'readable', key } : NONE;
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): Asked {
  if (!(error instanceof IngestError) || error.code === 'aborted') throw error;
  // An archived object shows nothing of the others.
  if (error.code === 'object_unreadable') return NONE;
  return { kind: 'unreadable', error };
}

/** Objects of the first page that has any but this one, from all over the page: neighbours often share their trouble. */
async function listedKeys(
  { settings, store }: Parts,
  { file, prefix, signal }: { file: FileEvent; prefix: string; signal: AbortSignal },
): Promise<readonly string[]> {
  const { bucket } = settings;
  for await (const page of store.list({ bucket, prefix, signal })) {
    const keys = page
      .filter((listed) => listed.key !== file.key && route(listed, settings).kind === 'load')
      .map(({ key }) => key);
    const apart = Math.max(1, keys.length / LISTED_CONTROLS);
    const some = Array.from({ length: Math.min(keys.length, LISTED_CONTROLS) }, (_, n) => keys[Math.floor(n * apart)]);
    if (some.length > 0) return some.filter((key) => key !== undefined);
  }
  return [];
}
