import { BUCKET } from './bucket.ts';
import type { ObjectVersion } from './bucket.ts';
import type { NoticeShape } from './history.ts';

/** The body of the message that announces object versions, as S3, SNS or EventBridge writes it. */
export function noticeBody(shape: NoticeShape, versions: readonly ObjectVersion[]): string {
  if (shape === 'eventbridge') return JSON.stringify(versions.map(eventBridgeEvent)[0]);
  const event = JSON.stringify({ Records: versions.map(record) });
  if (shape === 's3') return event;
  return JSON.stringify({
    Type: 'Notification',
    MessageId: '00000000-0000-0000-0000-000000000000',
    TopicArn: 'arn:aws:sns:eu-central-1:123456789012:sparkify',
    Subject: 'Amazon S3 Notification',
    Message: event,
  });
}

function record(version: ObjectVersion): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventTime: new Date(version.putAtMs).toISOString(),
    eventName: 'ObjectCreated:Put',
    s3: {
      bucket: { name: BUCKET },
      object: {
        key: encodeURIComponent(version.key).replaceAll('%20', '+').replaceAll('%2F', '/'),
        size: version.bytes.byteLength,
        eTag: version.etag,
        sequencer: `00${version.sequencer}`,
      },
    },
  };
}

/** EventBridge gives whole seconds, the key as it is, and the sequencer in small letters without zeros before it. */
function eventBridgeEvent(version: ObjectVersion): object {
  return {
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: `${new Date(version.putAtMs).toISOString().slice(0, 19)}Z`,
    detail: {
      bucket: { name: BUCKET },
      object: {
        key: version.key,
        size: version.bytes.byteLength,
        etag: version.etag,
        sequencer: version.sequencer.toLowerCase(),
      },
      reason: 'PutObject',
    },
  };
}
