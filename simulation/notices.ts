import { BUCKET } from './bucket.ts';
import type { Deletion, ObjectVersion } from './bucket.ts';
import type { Claims, Forged, NoticeShape } from './history.ts';
import { md5 } from './model/values.ts';

/** What one record of a notice says of an object. `sequencer` in capitals, without zeros before it. */
export type Announced = {
  readonly change: 'put' | 'delete';
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly size: number | null;
  readonly sequencer: string | null;
  readonly versionId: string | null;
  /** Epoch ms. */
  readonly atMs: number;
  /** Whether the ledger can store what it says. */
  readonly isPossible: boolean;
  /** Whether an object stood under the key when the notice was sent. */
  readonly isThere: boolean;
};

/** A message as the world sent it. What has to become of it is known here, and not from the code that reads it. */
export type Sent = {
  readonly body: string;
  readonly files: readonly Announced[];
  /** It, or a part of it, is unreadable. */
  readonly isUnreadable: boolean;
};

/** The notice of versions as S3, SNS or EventBridge sends it. */
export function notice(shape: NoticeShape, announced: readonly Announced[]): Sent {
  return {
    body: noticeBody(shape, announced),
    // EventBridge gives whole seconds.
    files: announced
      .filter(({ isPossible }) => isPossible)
      .map((one) => (shape === 'eventbridge' ? { ...one, atMs: Math.floor(one.atMs / 1000) * 1000 } : one)),
    isUnreadable: announced.some(({ isPossible }) => !isPossible),
  };
}

/** A version as it is. */
export function announcedVersion(version: ObjectVersion): Announced {
  const { bytes, etag, key, putAtMs: atMs, sequencer } = version;
  const size = bytes.byteLength;
  const fields = { bucket: BUCKET, key, etag, size, sequencer, versionId: null, atMs };
  return { change: 'put', ...fields, isPossible: true, isThere: true };
}

/** A deletion as it is. */
export function announcedDeletion({ atMs, key, sequencer }: Deletion): Announced {
  const nothing = { etag: '', size: null, versionId: null };
  return { change: 'delete', bucket: BUCKET, key, sequencer, atMs, ...nothing, isPossible: true, isThere: false };
}

/** What somebody claims of an object, be it there or not. What he does not claim is true, or could be. */
export function forgedRecord(
  { claims, isPossible, key }: Forged,
  there: ObjectVersion | null,
  nowMs: number,
): Announced {
  const { timeOffMs, ...fields }: Claims = claims;
  const change = 'put' as const;
  const ghost = {
    change,
    bucket: BUCKET,
    key,
    etag: md5(key),
    size: 100,
    sequencer: 'AB',
    versionId: null,
    atMs: nowMs,
  };
  const base = there === null ? ghost : announcedVersion(there);
  return { ...base, ...fields, atMs: base.atMs + (timeOffMs ?? 0), isPossible, isThere: there !== null };
}

/** The ledger's id of what a record announces, as docs/SPEC.md D1 and D2 have it. */
export function announcedId(announced: Announced): string {
  const identity = announcedIdentity(announced);
  return md5(announced.sequencer === null ? `${identity} ${announced.atMs}` : identity);
}

/** Equal for records of one version. */
export function announcedIdentity({ bucket, change, etag, key, sequencer, versionId }: Announced): string {
  const version = JSON.stringify([bucket, key, versionId, etag, sequencer]);
  return change === 'delete' ? `deleted ${version}` : version;
}

function noticeBody(shape: NoticeShape, announced: readonly Announced[]): string {
  if (shape === 'eventbridge') return JSON.stringify(announced.map(eventBridgeEvent)[0]);
  const event = JSON.stringify({ Records: announced.map(record) });
  if (shape === 's3') return event;
  return JSON.stringify({
    Type: 'Notification',
    MessageId: '00000000-0000-0000-0000-000000000000',
    TopicArn: 'arn:aws:sns:eu-central-1:123456789012:sparkify',
    Subject: 'Amazon S3 Notification',
    Message: event,
  });
}

function record({ atMs, bucket, change, etag, key, sequencer, size, versionId }: Announced): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventTime: new Date(atMs).toISOString(),
    eventName: change === 'put' ? 'ObjectCreated:Put' : 'ObjectRemoved:Delete',
    s3: {
      bucket: { name: bucket },
      object: {
        // Half a surrogate pair has no encoding, and can stand in JSON.
        key: key.isWellFormed() ? encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/') : key,
        ...(change === 'put' ? { size, eTag: etag } : {}),
        ...(versionId === null ? {} : { versionId }),
        ...(sequencer === null ? {} : { sequencer: `00${sequencer}` }),
      },
    },
  };
}

/** EventBridge gives whole seconds, the key as it is, and the sequencer in small letters without zeros before it. */
function eventBridgeEvent({ atMs, bucket, change, etag, key, sequencer, size, versionId }: Announced): object {
  return {
    version: '0',
    'detail-type': change === 'put' ? 'Object Created' : 'Object Deleted',
    source: 'aws.s3',
    time: `${new Date(atMs).toISOString().slice(0, 19)}Z`,
    detail: {
      bucket: { name: bucket },
      object: {
        key,
        ...(change === 'put' ? { size, etag } : {}),
        ...(versionId === null ? {} : { 'version-id': versionId }),
        ...(sequencer === null ? {} : { sequencer: sequencer.toLowerCase() }),
      },
      reason: change === 'put' ? 'PutObject' : 'DeleteObject',
    },
  };
}
