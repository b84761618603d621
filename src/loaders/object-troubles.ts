import { backoffMs } from '../core/backoff.ts';
import type { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { FileTrouble } from '../core/loading/object-trouble.ts';
import { needsControl, objectVerdict, TRY_AGAIN } from '../core/loading/object-trouble.ts';
import type { Clock, ObjectStore, Random } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import type { Probed } from './probe-objects.ts';
import { keysToProbe, probeObject, probeUntilReadable, unreadable } from './probe-objects.ts';

type Parts = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: RouteSettings;
};

/** Handles objects that S3 does not deliver. */
export type ReadTroubles = {
  /**
   * Call it once per object, before the first attempt.
   *
   * @param isDeletion a notification of the batch says that the object was deleted.
   */
  about(
    file: FileEvent,
    isDeletion: boolean,
  ): {
    /** Bytes arrived. */
    onBytes(): void;
    /** S3 delivered the object. */
    onRead(): void;
    /**
     * @returns why the object is not loaded; `null`: try again now.
     * @throws IngestError when the error is not about this object: the reading ends.
     */
    onError(error: IngestError, signal: AbortSignal): Promise<FileTrouble | null>;
  };
};

/**
 * When S3 does not deliver an object, the loader reads another one below the same prefix at every attempt to compare
 * (`core/loading/object-trouble.ts` decides). The loader keeps one of these, because it compares with the last object that it read.
 */
export function objectTroubles(parts: Parts): ReadTroubles {
  const { clock, random, settings } = parts;
  const lastRead = new Map<string, string>();
  return {
    about: (file, isDeletion) => {
      const prefix = file.key.startsWith(settings.songPrefix) ? settings.songPrefix : settings.logPrefix;
      let [sinceMs, tries] = [clock.nowMs(), 0];
      return {
        // The patience starts again with every byte, because a large object takes long.
        onBytes: () => {
          sinceMs = clock.nowMs();
        },
        onRead: () => {
          lastRead.set(prefix, file.key);
        },
        onError: async (error, signal) => {
          tries += 1;
          // Measured before other objects are read, whose time does not count.
          const spentMs = clock.nowMs() - sinceMs;
          const control = needsControl(error) ? await askOthers(parts, { file, prefix, lastRead, signal }) : NONE;
          if (control.kind === 'readable') lastRead.set(prefix, control.key);
          const verdict = objectVerdict({ error, control, isDeletion, tries, spentMs });
          if (verdict.kind === 'give_up') throw verdict.error;
          if (verdict.kind === 'not_loaded') return verdict.trouble;
          await clock.sleep(backoffMs(tries, TRY_AGAIN, random), signal);
          return null;
        },
      };
    },
  };
}

const NONE: Probed = { kind: 'none' };

/** Whether another object can be read: the last one that was read, or else listed ones. */
async function askOthers(
  parts: Parts,
  others: { file: FileEvent; prefix: string; lastRead: ReadonlyMap<string, string>; signal: AbortSignal },
): Promise<Probed> {
  const { file, lastRead, prefix, signal } = others;
  const before = lastRead.get(prefix);
  if (before !== undefined && before !== file.key) {
    const asked = await probeObject(parts, before, signal);
    if (asked.kind === 'readable') return asked;
  }
  const listed = await askListed(parts, others);
  const since = lastRead.get(prefix);
  // Another object of the batch may have been read meanwhile.
  const isNew = listed.kind !== 'readable' && since !== undefined && since !== before && since !== file.key;
  return isNew ? { kind: 'readable', key: since } : listed;
}

async function askListed(
  parts: Parts,
  { file, prefix, signal }: { file: FileEvent; prefix: string; signal: AbortSignal },
): Promise<Probed> {
  try {
    for await (const keys of keysToProbe(parts, { prefix, except: file.key, signal })) {
      const asked = await probeUntilReadable(parts, keys, signal);
      const found = asked.find(({ kind }) => kind !== 'none');
      if (found !== undefined) return found;
    }
    return NONE;
  } catch (error) {
    return unreadable(error);
  }
}
