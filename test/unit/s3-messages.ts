/** Builders for messages as S3, SNS and EventBridge send them. */
export type RecordOptions = {
  bucket?: string;
  key?: string;
  /** Instead of `key`: exactly what stands in the message. */
  encodedKey?: string;
  etag?: string;
  versionId?: string;
  sequencer?: string;
  size?: number;
  eventName?: string;
  eventTime?: string;
  eventVersion?: string;
  eventSource?: string;
};

/** S3 encodes keys as HTML forms do: a space becomes `+`. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

/** Of a deletion S3 says neither size nor etag, unless the test does. */
export function aRecord(options: RecordOptions): Record<string, unknown> {
  const key = options.encodedKey ?? encodeKey(options.key ?? 'log_data/a.json');
  const isDeletion = options.eventName?.startsWith('ObjectRemoved:') === true;
  const content = isDeletion ? {} : { size: 10, eTag: 'e1' };
  return {
    eventVersion: options.eventVersion ?? '2.1',
    eventSource: options.eventSource ?? 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: options.eventTime ?? '2018-11-12T10:00:00.123Z',
    eventName: options.eventName ?? 'ObjectCreated:Put',
    userIdentity: { principalId: 'someone' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'sparkify',
      bucket: { name: options.bucket ?? 'sparkify-data', arn: 'arn:aws:s3:::sparkify-data' },
      object: {
        key,
        ...content,
        ...(options.size === undefined ? {} : { size: options.size }),
        ...(options.etag === undefined ? {} : { eTag: options.etag }),
        sequencer: options.sequencer ?? '0055AED6DCD90281E5',
        ...(options.versionId === undefined ? {} : { versionId: options.versionId }),
      },
    },
  };
}

export function s3Message(...records: readonly Record<string, unknown>[]): string {
  return JSON.stringify({ Records: records });
}

export function anSnsEnvelope(message: string): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: 'm',
    TopicArn: 'arn:aws:sns:eu-central-1:123456789012:t',
    Subject: 'Amazon S3 Notification',
    Message: message,
  });
}

export function anEventBridgeEvent(options: {
  bucket?: string;
  key?: string;
  etag?: string;
  sequencer?: string;
  versionId?: string;
  detailType?: string;
  /** `null`: the detail has none. */
  reason?: string | null;
}): string {
  const { reason = 'PutObject' } = options;
  return JSON.stringify({
    version: '0',
    id: 'i',
    'detail-type': options.detailType ?? 'Object Created',
    source: 'aws.s3',
    time: '2018-11-12T10:00:00Z',
    detail: {
      version: '0',
      bucket: { name: options.bucket ?? 'sparkify-data' },
      object: {
        key: options.key ?? 'log_data/a.json',
        ...(options.detailType === 'Object Deleted' ? {} : { size: 5 }),
        etag: options.etag ?? 'abc',
        ...(options.versionId === undefined ? {} : { 'version-id': options.versionId }),
        sequencer: options.sequencer ?? '01',
      },
      ...(reason === null ? {} : { reason }),
    },
  });
}
