import { expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import { objectTroubles } from '../../src/loaders/object-troubles.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { aFile } from '../unit/file-events.ts';

const signal = new AbortController().signal;

/** Objects that S3 does not deliver beside others that take a while. @returns what becomes of the object after its first error. */
async function afterTheFirstError(times: { readonly ownMs: number; readonly othersMs: number }): Promise<unknown> {
  const clock = new VirtualClock();
  const readable = { etag: 'e', size: 1, lastModifiedMs: 0 };
  const troubles = objectTroubles({
    clock,
    random: () => 0.5,
    settings: { bucket: 'b', logPrefix: 'log_data/', songPrefix: 'song_data/', workPrefix: 'work/', onDelete: 'keep' },
    store: {
      probe: async () => {
        await clock.sleep(times.othersMs);
        return readable;
      },
    } as unknown as Parameters<typeof objectTroubles>[0]['store'],
  });
  troubles.about(aFile({ bucket: 'b', key: 'log_data/good.json' }), false).onRead();
  const about = troubles.about(aFile({ bucket: 'b', key: 'log_data/bad.json' }), false);
  await clock.advance(times.ownMs);
  const trouble = about.onError(new IngestError('service_unavailable', 'No.'), signal);
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
