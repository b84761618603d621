import { expect, test } from 'vitest';
import { openObject } from '../../simulation/bucket.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { ObjectStore } from '../../src/core/ports.ts';
import { Parts } from '../../src/loaders/part-writer.ts';
import { rawEvents } from '../../src/verify/raw-rows.ts';
import { readObjects } from '../../src/verify/read-objects.ts';
import { UnreadObjects } from '../../src/verify/unread-objects.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { aFile } from '../unit/file-events.ts';

test('a part that the program may not write ends the reading, and no object is called unreadable for it', async () => {
  const refused = new IngestError('access_denied', 'Writing a part is not allowed.');
  const unused = () => {
    throw new Error('not asked for');
  };
  // Three parts, so that the reading meets the refusal of the first.
  const bytes = Buffer.from(lines(aPlay()).repeat(40_000));
  const store: ObjectStore = {
    open: async () => await Promise.resolve(openObject(bytes, { etag: 'e', lastModifiedMs: 0 })),
    put: async () => await Promise.reject(refused),
    ...{ remove: unused, probe: unused, list: unused },
  };
  const { signal } = new AbortController();
  const parts = new Parts({ store, bucket: 'b', keyOf: (part) => `work/${part}`, signal });
  const unread = new UnreadObjects();
  const reading = readObjects([aFile()], { rows: rawEvents(), parts, store, unread, onRead: () => undefined, signal });
  await expect(reading).rejects.toBe(refused);
  expect(unread.files).toEqual([]);
});
