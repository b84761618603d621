import { randomUUID } from 'node:crypto';
import { escapeXml, parseXml } from './parse-xml.ts';
import type { XmlElement } from './parse-xml.ts';
import { invalidArgument, malformedXml, notImplemented } from './s3-refusal.ts';

/** One `QueueConfiguration` of a bucket (S3 docs, PutBucketNotificationConfiguration). */
export type QueueConfiguration = {
  readonly id: string;
  readonly queueArn: string;
  /** As configured, with the `s3:` prefix: `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete` … */
  readonly events: readonly string[];
  readonly prefix: string | null;
  readonly suffix: string | null;
};

/** Event types that this object store can send, with the patterns that stand for several. */
const EVENT_TYPES = [
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
] as const;

const OTHER_DESTINATIONS = [
  'TopicConfiguration',
  'CloudFunctionConfiguration',
  'LambdaFunctionConfiguration',
  'EventBridgeConfiguration',
];

/**
 * Reads the body of PutBucketNotificationConfiguration. The result replaces whatever was configured; an empty document
 * is an empty list.
 *
 * @throws S3Refusal as S3 answers: MalformedXML, InvalidArgument (filter rules, overlapping configurations), and
 *   NotImplemented for destinations other than SQS queues, which S3 has and this object store does not.
 */
export function parseNotificationConfiguration(body: string): readonly QueueConfiguration[] {
  const root = parseXml(body);
  if (root?.name !== 'NotificationConfiguration') throw malformedXml();
  const configurations = root.children.map((child) => {
    if (OTHER_DESTINATIONS.includes(child.name)) {
      throw notImplemented(`The embedded object store notifies SQS queues only; remove the ${child.name} element.`);
    }
    if (child.name !== 'QueueConfiguration') throw malformedXml();
    return queueConfiguration(child);
  });
  refuseRepeatedIds(configurations);
  refuseOverlaps(configurations);
  return configurations;
}

/** Renders the answer of GetBucketNotificationConfiguration. */
export function renderNotificationConfiguration(configurations: readonly QueueConfiguration[]): string {
  const inner = configurations.map(({ id, queueArn, events, prefix, suffix }) => {
    const rules = [rule('prefix', prefix), rule('suffix', suffix)].join('');
    const filter = rules === '' ? '' : `<Filter><S3Key>${rules}</S3Key></Filter>`;
    const eventElements = events.map((event) => `<Event>${event}</Event>`).join('');
    const queue = `<Id>${escapeXml(id)}</Id><Queue>${escapeXml(queueArn)}</Queue>`;
    return `<QueueConfiguration>${queue}${eventElements}${filter}</QueueConfiguration>`;
  });
  const open = '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${open}${inner.join('')}</NotificationConfiguration>`;
}

/** Whether a configuration asks for `eventName` (without `s3:`, as in the message) on `key`. */
export function asksFor(configuration: QueueConfiguration, eventName: string, key: string): boolean {
  return (
    configuration.events.some((event) => eventsOverlap(event, `s3:${eventName}`)) &&
    key.startsWith(configuration.prefix ?? '') &&
    key.endsWith(configuration.suffix ?? '')
  );
}

function queueConfiguration(element: XmlElement): QueueConfiguration {
  const queueArn = textOf(element, 'Queue');
  const events = element.children.filter(({ name }) => name === 'Event').map(({ text }) => text.trim());
  const known: readonly string[] = EVENT_TYPES;
  if (queueArn === null || events.length === 0) throw malformedXml();
  for (const event of events) {
    if (!known.includes(event)) {
      if (!event.startsWith('s3:')) throw malformedXml();
      throw notImplemented(`The embedded object store does not send ${event}; it sends ${known.join(', ')}.`);
    }
  }
  return { id: textOf(element, 'Id') ?? randomUUID(), queueArn, events, ...filterOf(element) };
}

function filterOf(element: XmlElement): { prefix: string | null; suffix: string | null } {
  const filter = element.children.find(({ name }) => name === 'Filter');
  const rules = filter?.children.find(({ name }) => name === 'S3Key')?.children ?? [];
  const found: { prefix: string | null; suffix: string | null } = { prefix: null, suffix: null };
  for (const ruleElement of rules) {
    const name = (textOf(ruleElement, 'Name') ?? '').toLowerCase();
    const value = ruleElement.children.find((child) => child.name === 'Value')?.text ?? '';
    if (name !== 'prefix' && name !== 'suffix')
      throw invalidArgument('filter rule name must be either prefix or suffix');
    if (found[name] !== null) throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`);
    if (Buffer.byteLength(value) > 1024) throw invalidArgument('Size of filter rule value cannot exceed 1024 bytes');
    found[name] = value;
  }
  return found;
}

function refuseRepeatedIds(configurations: readonly QueueConfiguration[]): void {
  if (new Set(configurations.map(({ id }) => id)).size < configurations.length) {
    throw invalidArgument('Same ID used for multiple configurations. IDs must be unique');
  }
}

/** Two configurations may share an event type only if no key matches both filters. */
function refuseOverlaps(configurations: readonly QueueConfiguration[]): void {
  for (const [index, one] of configurations.entries()) {
    for (const other of configurations.slice(index + 1)) {
      const sameEvent = one.events.some((event) => other.events.some((another) => eventsOverlap(event, another)));
      const [p, q] = [one.prefix ?? '', other.prefix ?? ''];
      const [s, t] = [one.suffix ?? '', other.suffix ?? ''];
      const sameKeys = (p.startsWith(q) || q.startsWith(p)) && (s.endsWith(t) || t.endsWith(s));
      if (sameEvent && sameKeys) {
        throw invalidArgument(
          'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
        );
      }
    }
  }
}

function eventsOverlap(one: string, other: string): boolean {
  return one === other || covers(one, other) || covers(other, one);
}

function covers(pattern: string, event: string): boolean {
  return pattern.endsWith('*') && event.startsWith(pattern.slice(0, -1));
}

function rule(name: string, value: string | null): string {
  if (value === null) return '';
  return `<FilterRule><Name>${name}</Name><Value>${escapeXml(value)}</Value></FilterRule>`;
}

function textOf(element: XmlElement, name: string): string | null {
  const text = element.children.find((child) => child.name === name)?.text.trim() ?? '';
  return text === '' ? null : text;
}
