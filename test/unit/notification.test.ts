import { describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/core/file-identity.ts';
import { fileId } from '../../src/core/loading/ledger.ts';
import { readNotification } from '../../src/core/intake/notification.ts';
import { aRecord, anEventBridgeEvent, anSnsEnvelope, s3Message } from './s3-messages.ts';

const filesOf = (body: string) => {
  const notification = readNotification(body);
  if (notification.kind !== 'events') throw new Error(`expected events, got ${JSON.stringify(notification)}`);
  return notification.files;
};

describe('reading a notification', () => {
  it('takes every field of a created object and drops the quotes of its etag', () => {
    const body = s3Message(
      aRecord({ key: 'log_data/2018/11/2018-11-12-events.json', etag: '"d41d8"', versionId: 'v1', size: 71_309 }),
    );
    expect(filesOf(body)).toEqual([
      {
        change: 'put',
        bucket: 'sparkify-data',
        key: 'log_data/2018/11/2018-11-12-events.json',
        etag: 'd41d8',
        versionId: 'v1',
        sequencer: '55AED6DCD90281E5',
        size: 71_309,
        eventTimeMs: Date.parse('2018-11-12T10:00:00.123Z'),
      },
    ]);
  });

  it.each([
    ['red+flower.jpg', 'red flower.jpg'],
    ['a%2Bb', 'a+b'],
    ['a%252Bb', 'a%2Bb'],
    ['100%25', '100%'],
    ['%27it%22s%27', `'it"s'`],
    ['Bj%C3%B6rk%2F%F0%9F%8E%B5', 'Björk/🎵'],
  ])('decodes the key %s once, to %s', (encoded, key) => {
    expect(filesOf(s3Message(aRecord({ encodedKey: encoded })))[0]?.key).toBe(key);
  });

  it.each(['100%', '%zz', '%FF', '%C3'])('does not guess what the broken key %s means', (encodedKey) => {
    const notification = readNotification(s3Message(aRecord({ encodedKey })));
    expect(notification).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining(encodedKey) as string });
  });

  it('reads all records of a message', () => {
    const keys = ['a', 'b', 'c'];
    expect(filesOf(s3Message(...keys.map((key) => aRecord({ key })))).map((file) => file.key)).toEqual(keys);
  });

  it('reads the records that it can and names those that it cannot', () => {
    const notification = readNotification(s3Message(aRecord({ key: 'good' }), aRecord({ encodedKey: '%zz' })));
    expect(notification).toMatchObject({
      kind: 'events',
      files: [{ key: 'good' }],
      unreadable: [expect.stringContaining('record 1') as string],
    });
  });

  it('recognises the test event that S3 sends when notifications are configured', () => {
    const body = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: 'x', Bucket: 'b', HostId: 'h' });
    expect(readNotification(body)).toEqual({ kind: 'test_event' });
  });

  it('reads an event inside an SNS envelope', () => {
    expect(filesOf(anSnsEnvelope(s3Message(aRecord({ key: 'a b' }))))[0]?.key).toBe('a b');
  });

  it('takes the key of an EventBridge event as it is', () => {
    const file = filesOf(anEventBridgeEvent({ key: 'a+b %41' }))[0];
    expect(file).toMatchObject({ key: 'a+b %41', etag: 'abc', versionId: null, size: 5 });
  });

  it('makes one file event of a version that S3, SNS and EventBridge announce, each in its own spelling', () => {
    const s3 = s3Message(aRecord({ etag: '"abc"', sequencer: '00617F08299329D189', versionId: 'null', size: 5 }));
    const bridged = anEventBridgeEvent({ sequencer: '617f08299329d189' });
    const [first, ...others] = [s3, anSnsEnvelope(s3), bridged].flatMap(filesOf);
    if (first === undefined) throw new Error('The first message names no file.');
    expect(others.map(fileIdentity)).toEqual([fileIdentity(first), fileIdentity(first)]);
    expect(others.map(fileId)).toEqual([fileId(first), fileId(first)]);
  });

  it('takes a size that is left out for zero, as MinIO means it', () => {
    const record = aRecord({}) as { s3: { object: object } };
    const body = s3Message({ ...record, s3: { ...record.s3, object: { ...record.s3.object, size: undefined } } });
    expect(filesOf(body)).toMatchObject([{ size: 0 }]);
  });

  it('takes no event for later than a day after its message was sent, and knows nothing of that without the time of sending', () => {
    const sentAtMs = Date.parse('2018-11-11T10:00:00.123Z');
    const kindAt = (atMs: number) => readNotification(s3Message(aRecord({})), atMs).kind;
    expect([sentAtMs, sentAtMs - 1, 0].map(kindAt)).toEqual(['events', 'unreadable', 'events']);
    expect(readNotification(s3Message(aRecord({ eventTime: '2100-01-01T00:00:00Z' }))).kind).toBe('unreadable');
  });

  it('takes another sequencer or another version of the same key for another file event', () => {
    const bodies = [{ sequencer: '10' }, { sequencer: '100' }, { sequencer: '10', versionId: 'v' }].map(aRecord);
    expect(new Set(filesOf(s3Message(...bodies)).map(fileId)).size).toBe(3);
  });

  it('takes a deletion and a delete marker for something to look at, whatever size and etag they claim', () => {
    const record = { key: 'log_data/a b.json', sequencer: '0055AED6DCD90281E6' };
    const file = {
      ...{ change: 'delete', bucket: 'sparkify-data', key: 'log_data/a b.json', etag: '', versionId: null },
      ...{ sequencer: '55AED6DCD90281E6', size: 0, eventTimeMs: Date.parse('2018-11-12T10:00:00.123Z') },
    };
    const removed = aRecord({ ...record, eventName: 'ObjectRemoved:Delete' });
    expect(filesOf(s3Message(removed))).toEqual([file]);
    const claims = { etag: 'd41d8cd98f00b204e9800998ecf8427e', size: -1, versionId: 'v' };
    const marker = aRecord({ ...record, ...claims, eventName: 'ObjectRemoved:DeleteMarkerCreated' });
    expect(filesOf(anSnsEnvelope(s3Message(marker)))).toEqual([{ ...file, versionId: 'v' }]);
  });

  it('makes one file event of a deletion that S3 and EventBridge announce, and another one of a put that says the same', () => {
    const said = { key: 'log_data/a.json', sequencer: '0A', versionId: 'v' };
    const deleted = s3Message(aRecord({ ...said, eventName: 'ObjectRemoved:DeleteMarkerCreated', etag: 'd41d8' }));
    const bridged = anEventBridgeEvent({ ...said, detailType: 'Object Deleted', reason: 'DeleteObject' });
    const [one, other] = [deleted, bridged].flatMap(filesOf);
    if (one === undefined || other === undefined) throw new Error('A message names no file.');
    expect([fileIdentity(other), fileId(other)]).toEqual([fileIdentity(one), fileId(one)]);
    const put = { ...one, change: 'put' as const };
    expect(fileIdentity(put)).not.toBe(fileIdentity(one));
    expect(fileId(put)).not.toBe(fileId(one));
  });

  it.each(['LifecycleExpiration:Delete', 'LifecycleExpiration:DeleteMarkerCreated'])(
    'never takes %s for a deletion',
    (eventName) => {
      const expired = {
        kind: 'events',
        files: [],
        unreadable: [],
        ignored: [{ reason: expect.stringMatching(/rows of an expired object stay/) as string }],
      };
      expect(readNotification(s3Message(aRecord({ eventName, eventVersion: '2.3' })))).toMatchObject(expired);
      const bridged = anEventBridgeEvent({ detailType: 'Object Deleted', reason: 'Lifecycle Expiration' });
      expect(readNotification(bridged)).toMatchObject(expired);
    },
  );

  it.each([
    ['Object Deleted', 'PutObject', /detail\.reason "PutObject", expected "DeleteObject"/],
    ['Object Deleted', null, /no detail\.reason/],
    ['Object Restore Completed', null, /neither a new object nor a deletion/],
  ])('ignores "%s" of EventBridge with the reason %j and says why', (detailType, reason, why) => {
    const notification = readNotification(anEventBridgeEvent({ detailType, reason }));
    expect(notification).toMatchObject({
      ...{ kind: 'events', files: [], unreadable: [] },
      ignored: [{ reason: expect.stringMatching(why) as string }],
    });
  });

  it.each(['ObjectRemoved:Other', 'ObjectTagging:Put', 'ObjectRemoved:Delete:More'])(
    'ignores %s with its name',
    (eventName) => {
      expect(readNotification(s3Message(aRecord({ eventName })))).toMatchObject({
        ...{ kind: 'events', files: [], unreadable: [] },
        ignored: [{ reason: expect.stringContaining(eventName) as string }],
      });
    },
  );

  it('accepts every minor version and refuses another major one', () => {
    expect(filesOf(s3Message(aRecord({ eventVersion: '2.99' })))).toHaveLength(1);
    expect(readNotification(s3Message(aRecord({ eventVersion: '3.0' })))).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringContaining('"3.0"') as string,
    });
  });

  it.each([
    ['no JSON', 'hello'],
    ['other JSON', '{"hello":"world"}'],
    ['a JSON text', '"s3:TestEvent"'],
    ['null', 'null'],
    ['no records', '{"Records":[]}'],
    ['an envelope around no JSON', anSnsEnvelope('hello')],
    ['an event of another service', s3Message(aRecord({ eventSource: 'aws:ses' }))],
    ['a record without an etag', s3Message({ ...aRecord({}), s3: { bucket: { name: 'b' }, object: { key: 'k' } } })],
    [
      'a deletion without a key',
      s3Message({ ...aRecord({ eventName: 'ObjectRemoved:Delete' }), s3: { bucket: { name: 'b' }, object: {} } }),
    ],
    ['a record with a time that is none', s3Message(aRecord({ eventTime: 'yesterday' }))],
  ])('calls %s unreadable and says why', (_what, body) => {
    const notification = readNotification(body);
    expect(notification.kind).toBe('unreadable');
    expect(notification.kind === 'unreadable' && notification.reason).toMatch(/\w{3}/);
  });
});
