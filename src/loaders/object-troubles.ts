import { backoffMs } from '../core/backoff.ts';
import type { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { FileTrouble } from '../core/object-trouble.ts';
import { needsControl, objectVerdict, TRY_AGAIN } from '../core/object-trouble.ts';
import type { Clock, ObjectStore, Random } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import type { Probed } from './probe-objects.ts';
import { keysToProbe, probeObject, unreadable } from './probe-objects.ts';

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
    /** Some bytes came. */
    onBytes(): void;
    /** S3 delivered it. */
    onRead(): void;
    /**
     * @returns with what the object is set aside; `null` when it is to be tried again, now.
     * @throws IngestError when the error is not about this object: the reading ends.
     */
    onError(error: IngestError, signal: AbortSignal): Promise<FileTrouble | null>;
  };
};

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
      let [sinceMs, tries] = [clock.nowMs(), 0];
      return {
        // A large object takes its time, and S3 delivers.
        onBytes: () => {
          sinceMs = clock.nowMs();
        },
        onRead: () => {
          lastRead.set(prefix, file.key);
        },
        onError: async (error, signal) => {
          tries += 1;
          // Before the others are asked: how long they take says nothing of this one.
          const spentMs = clock.nowMs() - sinceMs;
          const control = needsControl(error) ? await askOthers(parts, { file, prefix, lastRead, signal }) : NONE;
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

const NONE: Probed = { kind: 'none' };

/** Whether another object can be read: the last one that was, or else one of ten that are listed. */
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
  // The others of the batch are being read meanwhile.
  const isNew = listed.kind !== 'readable' && since !== undefined && since !== before && since !== file.key;
  return isNew ? { kind: 'readable', key: since } : listed;
}

async function askListed(
  parts: Parts,
  { file, prefix, signal }: { file: FileEvent; prefix: string; signal: AbortSignal },
): Promise<Probed> {
  try {
    for await (const keys of keysToProbe(parts, { prefix, except: file.key, signal })) {
      const asked = await Promise.all(keys.map((key) => probeObject(parts, key, signal)));
      const found = asked.find(({ kind }) => kind === 'readable') ?? asked.find(({ kind }) => kind === 'unreadable');
      if (found !== undefined) return found;
    }
    return NONE;
  } catch (error) {
    return unreadable(error);
  }
}
