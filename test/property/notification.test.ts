import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeKey, readNotification } from '../../src/core/intake/notification.ts';
import { aRecord, anEventBridgeEvent, anSnsEnvelope, encodeKey, s3Message } from '../unit/s3-messages.ts';

/** Any key that S3 allows: well-formed Unicode (it stores UTF-8), not empty. */
const aKey = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('+', '%', ' ', '/', "'", '"', '2', 'B', 'é', '🎵'), minLength: 1, maxLength: 40 }),
);

/** Mostly one of these. */
const aWord = (...words: readonly string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.string() });
const anEvent = aWord(
  'ObjectCreated:Put',
  'ObjectRemoved:Delete',
  's3:ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
  'LifecycleExpiration:Delete',
  'LifecycleExpiration:DeleteMarkerCreated',
);

describe('notifications, for any content', () => {
  it('decodes any key that S3 encoded, with or without an SNS envelope', () => {
    fc.assert(
      fc.property(aKey, fc.boolean(), (key, throughSns) => {
        const body = s3Message(aRecord({ key }));
        const notification = readNotification(throughSns ? anSnsEnvelope(body) : body);
        expect(notification).toMatchObject({ kind: 'events', files: [{ key }], unreadable: [] });
      }),
    );
  });

  it('never throws and never drops a body without a reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        const notification = readNotification(body);
        if (notification.kind === 'unreadable') expect(notification.reason).not.toBe('');
      }),
    );
  });

  it('accounts for every record of a message: a file, ignored or unreadable', () => {
    const record = fc.oneof(
      fc.tuple(aKey, anEvent).map(([key, eventName]) => aRecord({ key, eventName })),
      fc.constant(aRecord({ encodedKey: '%zz' })),
      fc.constant({ foreign: true }),
    );
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), (records) => {
        const notification = readNotification(s3Message(...records));
        if (notification.kind !== 'events') return;
        const { files, ignored, unreadable } = notification;
        expect(files.length + ignored.length + unreadable.length).toBe(records.length);
      }),
    );
  });

  it('is a deletion only for S3’s delete events, and its key is the key that S3 encoded', () => {
    fc.assert(
      fc.property(aKey, anEvent, (key, eventName) => {
        const notification = readNotification(s3Message(aRecord({ key, eventName })));
        const isDeletion = /^(s3:)?ObjectRemoved:(Delete|DeleteMarkerCreated)$/.test(eventName);
        const deleted =
          notification.kind === 'events' ? notification.files.filter((file) => file.change === 'delete') : [];
        expect(deleted.map((file) => [file.key, file.etag, file.size])).toEqual(isDeletion ? [[key, '', 0]] : []);
      }),
    );
  });

  it('is a deletion only when EventBridge’s reason is DeleteObject', () => {
    fc.assert(
      fc.property(
        aWord('Object Created', 'Object Deleted'),
        aWord('DeleteObject', 'Lifecycle Expiration'),
        (detailType, reason) => {
          const notification = readNotification(anEventBridgeEvent({ detailType, reason }));
          const changes = notification.kind === 'events' ? notification.files.map(({ change }) => change) : [];
          const deleted = detailType === 'Object Deleted' && reason === 'DeleteObject' ? ['delete'] : [];
          expect(changes).toEqual(detailType === 'Object Created' ? ['put'] : deleted);
        },
      ),
    );
  });

  it('decodes a key or says that it cannot, never something in between', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('%', 'C', '3', 'B', '6', '+', 'z') }), (encoded) => {
        const key = decodeKey(encoded);
        if (key !== null) expect(decodeKey(encodeKey(key))).toBe(key);
      }),
    );
  });
});
