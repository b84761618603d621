import { expect, it } from 'vitest';
import type { FileEvent } from '../../src/core/file-event.ts';
import { eventTimes, fileId, objectId, storableKey } from '../../src/core/loading/ledger.ts';

const listed: FileEvent = {
  ...{ change: 'put', bucket: 'b', key: 'song_data/a.json', etag: 'e' },
  ...{ versionId: null, sequencer: null, size: 1 },
  eventTimeMs: Date.UTC(2018, 10, 15),
};

it('content that is put again and listed again is another version in the ledger', () => {
  expect(fileId({ ...listed, eventTimeMs: listed.eventTimeMs + 1000 })).not.toBe(fileId(listed));
});

it('a notification is the same version in the ledger whatever time it carries, because its sequencer names it', () => {
  const notified = { ...listed, sequencer: '0055' };
  expect(fileId({ ...notified, eventTimeMs: listed.eventTimeMs + 1000 })).toBe(fileId(notified));
});

it('the ledger is asked for minutes around a batch, because the other notice of a version may carry another time', () => {
  const { eventTimeMs } = listed;
  expect(eventTimes([{ fileNumber: 1, file: listed }])).toEqual([
    { minMs: eventTimeMs - 600_000, maxMs: eventTimeMs + 600_000 },
  ]);
});

it('two keys that have one name in the ledger are two objects', () => {
  const [withNul, printed] = ['a\0b', 'a\\u0000b'].map((key) => ({ ...listed, key }));
  if (withNul === undefined || printed === undefined) throw new Error('No keys.');
  expect(storableKey(withNul.key)).toBe(storableKey(printed.key));
  expect(objectId(withNul)).not.toBe(objectId(printed));
  expect(fileId(withNul)).not.toBe(fileId(printed));
});
