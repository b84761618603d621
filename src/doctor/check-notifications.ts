import type { BucketNotifications, QueueNotification } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import type { Finding } from './findings.ts';
import { failed, ok, warning } from './findings.ts';

/**
 * Whether the bucket announces each prefix to the queue (Amazon S3 API Reference, GetBucketNotificationConfiguration). EventBridge
 * sends everything to its rules, which the bucket does not know.
 */
export function checkNotifications(
  found: BucketNotifications,
  { queueArn, route }: { readonly queueArn: string; readonly route: RouteSettings },
): readonly Finding[] {
  const toQueue = found.queues.filter((one) => one.queueArn === queueArn);
  const datasets = [route.logPrefix, route.songPrefix].flatMap((prefix) => [
    checkPrefix(prefix, found, { queueArn, toQueue, event: 's3:ObjectCreated:*' }),
    ...(route.onDelete === 'remove'
      ? [checkPrefix(prefix, found, { queueArn, toQueue, event: 's3:ObjectRemoved:*' })]
      : []),
  ]);
  const ofWork = toQueue.some(({ prefix }) => overlaps(prefix ?? '', route.workPrefix));
  if (!ofWork) return datasets;
  const sentence = `the bucket announces the service's own work files to the queue; narrow the prefix filter so that it leaves out ${route.workPrefix}`;
  return [...datasets, warning('notifications of work files', sentence)];
}

function checkPrefix(
  dataset: string,
  found: BucketNotifications,
  input: { readonly queueArn: string; readonly toQueue: readonly QueueNotification[]; readonly event: string },
): Finding {
  const { event, queueArn, toQueue } = input;
  const check = `notifications of ${dataset}${event.startsWith('s3:ObjectRemoved') ? ' (deletions)' : ''}`;
  const about = toQueue.filter(({ events, prefix }) => events.includes(event) && overlaps(prefix ?? '', dataset));
  const whole = about.find(({ prefix, suffix }) => dataset.startsWith(prefix ?? '') && (suffix ?? '') === '');
  if (whole !== undefined) return ok(check, `the bucket announces ${event} to the queue (${whole.id})`);
  const [part] = about;
  if (part !== undefined) {
    const only = `only ${part.prefix ?? ''}*${part.suffix ?? ''}`;
    return warning(
      check,
      `the configuration "${part.id}" announces ${only}; widen its filter, or run "sparkify backfill" for the rest`,
    );
  }
  if (found.isEventBridgeOn) {
    return warning(
      check,
      'the bucket announces to EventBridge, and the doctor does not see whether a rule sends to the queue; --send-marker does',
    );
  }
  const others =
    toQueue.length > 0
      ? `only ${toQueue.map(({ events, prefix }) => `${events.join(', ')} below ${prefix ?? 'everything'}`).join('; ')}`
      : 'nothing';
  return failed(
    check,
    `the bucket announces ${others} to ${queueArn}; add a queue configuration for ${event} with the prefix ${dataset}`,
  );
}

function overlaps(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
