import { expect, it } from 'vitest';
import { readNotification } from '../../src/core/intake/notification.ts';
import { aRecord, anEventBridgeEvent, anSnsEnvelope, s3Message } from './s3-messages.ts';

const withDetail = (detail: unknown) => JSON.stringify({ ...(JSON.parse(anEventBridgeEvent({})) as object), detail });

it.each([
  ['a record without its bucket', s3Message({ ...aRecord({}), s3: { object: {} } }), /^record 0: s3\.bucket: /],
  [
    'an eTag that is a number',
    s3Message({ ...aRecord({}), s3: { bucket: { name: 'b' }, object: { key: 'k', size: 1, eTag: 1 } } }),
    /^record 0: s3\.object\.eTag: /,
  ],
  [
    'a record that is a text',
    s3Message(aRecord({ encodedKey: '%' }), 'no record' as never),
    /record 0: key "%".*; record 1: /,
  ],
  ['an EventBridge event without detail', withDetail(null), /^EventBridge event: detail\./],
  [
    'an EventBridge event without etag',
    withDetail({ bucket: { name: 'b' }, object: { key: 'k', size: 1 } }),
    /^EventBridge event: detail\.object\.etag: /,
  ],
  ['an envelope around no JSON', anSnsEnvelope('hello'), /^an SNS envelope whose Message is not JSON$/],
  ['an envelope around something else', anSnsEnvelope('{}'), /^an SNS envelope whose Message is neither/],
])('%s is unreadable, and the reason names the place', (_what, body, reason) => {
  expect(readNotification(body)).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(reason) as string });
});

it('a name of an event that only holds "s3:" somewhere is not the name without it', () => {
  expect(readNotification(s3Message(aRecord({ eventName: 'ObjectCreated:s3:Put' })))).toMatchObject({ kind: 'events' });
  expect(readNotification(s3Message(aRecord({ eventName: 'Objects3:Created:Put' })))).toMatchObject({ files: [] });
});

it('a version or a sequencer that is empty, blank or "null" is none', () => {
  for (const nothing of ['', ' ', 'null'] as const) {
    const more = nothing === 'null' ? { versionId: nothing } : { versionId: '', sequencer: nothing };
    expect(readNotification(s3Message(aRecord({ ...more })))).toMatchObject({ files: [{ versionId: null }] });
  }
  expect(readNotification(s3Message(aRecord({ sequencer: ' ' })))).toMatchObject({ files: [{ sequencer: null }] });
  expect(readNotification(s3Message(aRecord({ sequencer: '0' })))).toMatchObject({ files: [{ sequencer: '0' }] });
});

it('a message of thousands of broken records names the first ten and counts the others', () => {
  const notification = readNotification(JSON.stringify({ Records: Array.from({ length: 5000 }, () => 0) }));
  if (notification.kind !== 'unreadable') throw new Error('Somebody read it.');
  expect(notification.reason).toMatch(/^record 0: .*record 9: .*; and 4,990 more records$/);
  expect(notification.reason).not.toContain('record 10:');
});
