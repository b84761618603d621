import { expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { ObjectStore } from '../../src/core/ports.ts';
import { objectTroubles } from '../../src/loaders/object-troubles.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { aFile } from '../unit/file-events.ts';

const NEVER = new AbortController().signal;
const READABLE = { etag: 'e', lastModifiedMs: 0 };

function troublesOf(clock: VirtualClock, store: Partial<ObjectStore>) {
  return objectTroubles({
    clock,
    random: () => 0.5,
    settings: { bucket: 'b', logPrefix: 'log_data/', songPrefix: 'song_data/', workPrefix: 'work/', onDelete: 'keep' },
    store: store as ObjectStore,
  });
}

/** Objects that S3 does not deliver beside others that take a while. @returns what becomes of the object after its first error. */
async function afterTheFirstError(times: { readonly ownMs: number; readonly othersMs: number }): Promise<unknown> {
  const clock = new VirtualClock();
  const probe = async () => {
    await clock.sleep(times.othersMs);
    return READABLE;
  };
  const troubles = troublesOf(clock, { probe });
  troubles.about(aFile({ bucket: 'b', key: 'log_data/good.json' }), false).onRead();
  const about = troubles.about(aFile({ bucket: 'b', key: 'log_data/bad.json' }), false);
  await clock.advance(times.ownMs);
  const trouble = about.onError(new IngestError('service_unavailable', 'No.'), NEVER);
  await clock.advance(times.othersMs);
  await clock.advance(60_000);
  return await trouble;
}

test('an object that was silent for its time is not tried again', async () => {
  expect(await afterTheFirstError({ ownMs: 61_000, othersMs: 0 })).toMatchObject({ code: 'object_transport' });
});

test('the time that the others take does not count against an object', async () => {
  expect(await afterTheFirstError({ ownMs: 1_000, othersMs: 61_000 })).toBeNull();
});

test('the first object that can be read ends the probes of silent ones', async () => {
  const clock = new VirtualClock();
  const ended: string[] = [];
  const troubles = troublesOf(clock, {
    async *list() {
      yield await Promise.resolve(
        ['bad', 'silent', 'good'].map((name) => aFile({ bucket: 'b', key: `log_data/${name}.json` })),
      );
    },
    probe: async ({ key, signal }) => {
      if (key.includes('good')) return READABLE;
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => {
        ended.push(key);
        reject(new IngestError('aborted', 'Aborted.'));
      });
      return await promise;
    },
  });
  const about = troubles.about(aFile({ bucket: 'b', key: 'log_data/bad.json' }), false);
  const trouble = about.onError(new IngestError('service_unavailable', 'No.'), NEVER);
  await clock.advance(60_000);
  expect(await trouble).toBeNull();
  expect(ended).toEqual(['log_data/silent.json']);
});
