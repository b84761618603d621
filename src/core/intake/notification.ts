import { countOf } from '../count-of.ts';
import { z } from 'zod';
import type { FileEvent } from '../file-event.ts';
import { fileProblem, shown } from './file-problem.ts';
import { canonicalSequencer } from './sequencer.ts';

/**
 * The content of a queue message. All decoding happens here: the keys of the file events are exactly those that `GetObject`
 * takes, and the ledger can store every field.
 */
export type Notification =
  | {
      readonly kind: 'events';
      readonly files: readonly FileEvent[];
      /** Records without a file event, such as expirations. */
      readonly ignored: readonly { readonly record: string; readonly reason: string }[];
      /**
       * Why records of this message could not be read; usually empty. The readable records are loaded, and then the message is
       * parked instead of deleted.
       */
      readonly unreadable: readonly string[];
    }
  | { readonly kind: 'test_event' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Reads the body of a queue message: S3's own JSON, the same inside an SNS envelope, or EventBridge's "Object Created" and
 * "Object Deleted" (Amazon S3 User Guide, "Event message structure" and "EventBridge event message structure"). Unknown
 * fields are ignored. Never throws. The formats write etag, version and sequencer in different ways, but the same object version
 * becomes the same file event; only its time may differ (EventBridge gives whole seconds).
 *
 * @param sentAtMs epoch ms at which the queue took the message; 0 when that is not known.
 */
export function readNotification(body: string, sentAtMs = 0): Notification {
  const parsed = parseJson(body);
  if (parsed === NOT_JSON) return unreadable('not JSON');
  const event = readEvent(parsed, sentAtMs);
  if (event !== null) return event;
  const envelope = snsEnvelope.safeParse(parsed);
  if (!envelope.success) return unreadable(`JSON, but ${NO_EVENT}`);
  const inner = parseJson(envelope.data.Message);
  if (inner === NOT_JSON) return unreadable('an SNS envelope whose Message is not JSON');
  return readEvent(inner, sentAtMs) ?? unreadable(`an SNS envelope whose Message is ${NO_EVENT}`);
}

/**
 * Decodes a key as S3 encodes it in notifications, once: `+` is a space, then percent-decoding as UTF-8.
 *
 * @returns the key, or `null` when the encoding is broken.
 */
export function decodeKey(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

const snsEnvelope = z.object({ Type: z.literal('Notification'), TopicArn: z.string(), Message: z.string() });
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });
const s3Records = z.object({ Records: z.array(z.unknown()).min(1) });
const eventBridge = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  time: z.string(),
  detail: z.unknown(),
});

const recordHead = z.object({
  // S3-compatible stores send the same records with another first part, such as "minio:s3".
  eventSource: z.string().regex(/:s3$/, 'is not an S3 event source'),
  eventVersion: z.string(),
  eventName: z.string(),
});
// MinIO leaves the size of an empty object out.
const SIZE = z.number().nullish();
const recordBody = <E extends z.ZodType, S extends z.ZodType>(eTag: E, size: S) =>
  z.object({
    eventTime: z.string(),
    s3: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({
        key: z.string(),
        size,
        eTag,
        versionId: z.string().nullish(),
        sequencer: z.string().nullish(),
      }),
    }),
  });
const eventBridgeDetail = <E extends z.ZodType, S extends z.ZodType>(etag: E, size: S) =>
  z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size,
      etag,
      'version-id': z.string().nullish(),
      sequencer: z.string().nullish(),
    }),
  });
/** A deletion has no size, and its etag, if any, is that of the delete marker: neither is read. */
const NO_ETAG = z.literal('').catch('');
const NO_SIZE = z.literal(0).catch(0);
const RECORD_BODIES = { put: recordBody(z.string(), SIZE), delete: recordBody(NO_ETAG, NO_SIZE) };
const EVENT_BRIDGE_DETAILS = {
  put: eventBridgeDetail(z.string(), SIZE),
  delete: eventBridgeDetail(NO_ETAG, NO_SIZE),
};
const eventBridgeReason = z.object({ reason: z.string() });

type RecordReading =
  | { readonly kind: 'file'; readonly file: FileEvent }
  | { readonly kind: 'ignored'; readonly record: string; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

const NO_EVENT = 'neither an S3 event (no Records), an S3 test event nor an EventBridge event of S3';

/** `null` for any other JSON. The usual shape comes first, because a failed check costs more than a successful one. */
function readEvent(json: unknown, sentAtMs: number): Notification | null {
  const records = s3Records.safeParse(json);
  if (records.success) {
    return fromReadings(records.data.Records.map((record, index) => readRecord(record, index, sentAtMs)));
  }
  if (testEvent.safeParse(json).success) return { kind: 'test_event' };
  const bridged = eventBridge.safeParse(json);
  return bridged.success ? fromReadings([readEventBridge(bridged.data, sentAtMs)]) : null;
}

function fromReadings(readings: readonly RecordReading[]): Notification {
  const files = readings.flatMap((reading) => (reading.kind === 'file' ? [reading.file] : []));
  const broken = readings.flatMap((reading) => (reading.kind === 'unreadable' ? [reading.reason] : []));
  if (broken.length === readings.length) return unreadable(joinReasons(broken));
  const ignored = readings.flatMap((reading) =>
    reading.kind === 'ignored' ? [{ record: reading.record, reason: reading.reason }] : [],
  );
  return { kind: 'events', files, ignored, unreadable: broken };
}

/** The reasons why records could not be read, as one sentence of at most ten reasons. */
export function joinReasons(reasons: readonly string[]): string {
  const more = reasons.length - REASONS_SHOWN;
  return [...reasons.slice(0, REASONS_SHOWN), ...(more > 0 ? [`and ${countOf(more, 'more record')}`] : [])].join('; ');
}

const REASONS_SHOWN = 10;

function readRecord(record: unknown, index: number, sentAtMs: number): RecordReading {
  const at = `record ${index}`;
  const head = recordHead.safeParse(record);
  if (!head.success) return { kind: 'unreadable', reason: `${at}: ${firstProblem(head.error)}` };
  // The major version changes when a consumer would misread the record; minor versions only add fields.
  if (head.data.eventVersion.split('.')[0] !== '2') {
    return { kind: 'unreadable', reason: `${at}: eventVersion ${shown(head.data.eventVersion)}, expected "2.x"` };
  }
  const eventName = head.data.eventName.replace(/^s3:/, '');
  const change = changeOf(eventName);
  if (change === null) return { kind: 'ignored', record: at, reason: noChange(eventName) };
  const body = RECORD_BODIES[change].safeParse(record);
  if (!body.success) return { kind: 'unreadable', reason: `${at}: ${firstProblem(body.error)}` };
  const { bucket, object } = body.data.s3;
  const key = decodeKey(object.key);
  if (key === null) {
    return { kind: 'unreadable', reason: `${at}: key ${shown(object.key)} is not form-URL-encoded UTF-8` };
  }
  return fileReading(at, {
    change,
    bucket: bucket.name,
    key,
    etag: object.eTag,
    versionId: object.versionId,
    sequencer: object.sequencer,
    size: object.size,
    time: body.data.eventTime,
    sentAtMs,
  });
}

/**
 * The change that an S3 event announces (Amazon S3 User Guide, "Event notification types and destinations"); `null` for events
 * without a file event.
 */
function changeOf(eventName: string): FileEvent['change'] | null {
  if (eventName.startsWith('ObjectCreated:')) return 'put';
  return eventName === 'ObjectRemoved:Delete' || eventName === 'ObjectRemoved:DeleteMarkerCreated' ? 'delete' : null;
}

function noChange(eventName: string): string {
  const isExpiration = eventName.startsWith('LifecycleExpiration:');
  return isExpiration ? `${eventName}: ${EXPIRED}` : `${eventName} announces neither a new object nor a deletion`;
}

const EXPIRED = 'a lifecycle rule expired the object, and the rows of an expired object stay';

/**
 * As `changeOf`. EventBridge has one event type for deletions and expirations; `detail.reason` tells them apart (Amazon S3 User
 * Guide, "Using EventBridge").
 */
function bridgedChangeOf({ detail, 'detail-type': type }: z.infer<typeof eventBridge>): FileEvent['change'] | null {
  if (type === 'Object Created') return 'put';
  return type === 'Object Deleted' && deletedFor(detail) === 'DeleteObject' ? 'delete' : null;
}

function noBridgedChange({ detail, 'detail-type': type }: z.infer<typeof eventBridge>): string {
  if (type !== 'Object Deleted') return `${shown(type)} announces neither a new object nor a deletion`;
  const reason = deletedFor(detail);
  if (reason === 'Lifecycle Expiration') return `"${type}": ${EXPIRED}`;
  const given = reason === undefined ? 'no detail.reason' : `detail.reason ${shown(reason)}`;
  return `"${type}" has ${given}, expected "DeleteObject"`;
}

function deletedFor(detail: unknown): string | undefined {
  return eventBridgeReason.safeParse(detail).data?.reason;
}

/** EventBridge does not encode keys; decoding would turn "a+b" into another object's key. */
function readEventBridge(event: z.infer<typeof eventBridge>, sentAtMs: number): RecordReading {
  const at = 'EventBridge event';
  const change = bridgedChangeOf(event);
  if (change === null) return { kind: 'ignored', record: at, reason: noBridgedChange(event) };
  const detail = EVENT_BRIDGE_DETAILS[change].safeParse(event.detail);
  if (!detail.success) return { kind: 'unreadable', reason: `${at}: detail.${firstProblem(detail.error)}` };
  const { bucket, object } = detail.data;
  return fileReading(at, {
    change,
    bucket: bucket.name,
    key: object.key,
    etag: object.etag,
    versionId: object['version-id'],
    sequencer: object.sequencer,
    size: object.size,
    time: event.time,
    sentAtMs,
  });
}

type ReadObject = {
  change: FileEvent['change'];
  bucket: string;
  key: string;
  etag: string;
  versionId: string | null | undefined;
  sequencer: string | null | undefined;
  size: number | null | undefined;
  time: string;
  sentAtMs: number;
};

function fileReading(at: string, read: ReadObject): RecordReading {
  const eventTimeMs = Date.parse(read.time);
  if (Number.isNaN(eventTimeMs)) {
    return { kind: 'unreadable', reason: `${at}: eventTime ${shown(read.time)} is not a time` };
  }
  const file: FileEvent = {
    change: read.change,
    bucket: read.bucket,
    key: read.key,
    etag: read.etag.replaceAll('"', ''),
    versionId: canonicalVersionId(read.versionId),
    sequencer: canonicalSequencer(read.sequencer),
    size: read.size ?? 0,
    eventTimeMs,
  };
  const problem = fileProblem(file, read.sentAtMs);
  return problem === null ? { kind: 'file', file } : { kind: 'unreadable', reason: `${at}: ${problem}` };
}

/** With suspended versioning the version id is "null"; without versioning the field is absent or null. */
function canonicalVersionId(versionId: string | null | undefined): string | null {
  return versionId === undefined || versionId === 'null' || versionId === '' ? null : versionId;
}

const NOT_JSON = Symbol('not JSON');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return NOT_JSON;
  }
}

function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'unexpected shape' : `${issue.path.join('.')}: ${issue.message}`;
}

function unreadable(reason: string): Notification {
  return { kind: 'unreadable', reason };
}
