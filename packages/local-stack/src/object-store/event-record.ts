/** The contents of one notification (S3 docs, "Event message structure"). */
export type ObjectChange = {
  /** Without `s3:`, as in the message. */
  readonly eventName: string;
  readonly bucket: string;
  /** As stored, not encoded. */
  readonly key: string;
  /** Absent for deletions. */
  readonly content: { readonly size: number; readonly etag: string } | null;
  /** Hexadecimal; later changes of a key have a greater one. */
  readonly sequencer: string;
  readonly timeMs: number;
  readonly request: RequestIdentity;
};

/** Of the HTTP request that caused the change. */
export type RequestIdentity = {
  readonly requestId: string;
  readonly hostId: string;
  readonly sourceIp: string;
  readonly region: string;
};

/** The message body for one change and one configuration; S3 sends one record per message. */
export function eventMessage(change: ObjectChange, configurationId: string): string {
  const { content, request } = change;
  const object = {
    key: encodeKey(change.key),
    ...(content === null ? {} : { size: content.size, eTag: content.etag.replaceAll('"', '') }),
    sequencer: change.sequencer,
  };
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: request.region,
    eventTime: new Date(change.timeMs).toISOString(),
    eventName: change.eventName,
    userIdentity: { principalId: 'AWS:AIDALOCALLOCALLOCAL00' },
    requestParameters: { sourceIPAddress: request.sourceIp },
    responseElements: { 'x-amz-request-id': request.requestId, 'x-amz-id-2': request.hostId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: change.bucket,
        ownerIdentity: { principalId: 'A0LOCALLOCAL00' },
        arn: `arn:aws:s3:::${change.bucket}`,
      },
      object,
    },
  };
  return JSON.stringify({ Records: [record] });
}

/** The test event that S3 sends to each queue of a new configuration. It does not have `Records`. */
export function testMessage(bucket: string, timeMs: number, request: RequestIdentity): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(timeMs).toISOString(),
    Bucket: bucket,
    RequestId: request.requestId,
    HostId: request.hostId,
  });
}

/**
 * Form-URL-encodes a key as S3's notifications do: a space becomes `+`, a plus sign `%2B`, everything else outside
 * `A–Z a–z 0–9 - _ . * /` its UTF-8 bytes as `%XX`.
 */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
