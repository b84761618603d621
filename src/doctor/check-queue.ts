import { countOf } from '../core/count-of.ts';
import { z } from 'zod';
import type { QueueDescription } from '../core/ports.ts';
import type { Finding } from './findings.ts';
import { failed, ok, warning } from './findings.ts';

const DAY_SECONDS = 86_400;
/** A restart of the service costs a receive, so an outage with restarts uses up few receives. */
const FEW_RECEIVES = 10;

/** The queue alone: its kind, its dead-letter queue and how long it keeps messages. */
export function checkQueueItself(queue: QueueDescription, deadLetterUrl: string | null): readonly Finding[] {
  const fifo = 'S3 does not send notifications to FIFO queues; create a standard queue, and set SPARKIFY_QUEUE_URL';
  return [
    queue.arn.endsWith('.fifo') ? failed('queue type', fifo) : ok('queue type', `${queue.arn} is a standard queue`),
    redrive(queue, deadLetterUrl),
    retention(queue),
  ];
}

function redrive({ redrive: policy }: QueueDescription, deadLetterUrl: string | null): Finding {
  const check = 'dead-letter queue';
  if (policy === null) {
    return deadLetterUrl === null
      ? failed(check, 'the queue has no redrive policy; give it one, or set SPARKIFY_DEAD_LETTER_QUEUE_URL')
      : warning(
          check,
          'the queue has no redrive policy, so a message that always fails returns for ever; give the queue one',
        );
  }
  const { deadLetterArn, maxReceiveCount } = policy;
  if (maxReceiveCount >= FEW_RECEIVES)
    return ok(check, `${deadLetterArn}, after ${countOf(maxReceiveCount, 'receive')}`);
  const sentence = `messages move to ${deadLetterArn} after ${countOf(maxReceiveCount, 'receive')}, and each restart during an outage is one; set maxReceiveCount to 100`;
  return warning(check, sentence);
}

function retention({ retentionSeconds }: QueueDescription): Finding {
  const days = Math.round((10 * retentionSeconds) / DAY_SECONDS) / 10;
  if (retentionSeconds >= 4 * DAY_SECONDS) return ok('retention', `the queue keeps messages for ${days} days`);
  return warning('retention', `the queue keeps messages for ${days} days only, and then they are lost; set 14 days`);
}

/** The lease of a message against the longest load of the last week, in seconds; `null` without a load. */
export function checkVisibility(visibilitySeconds: number, longestSeconds: number | null): Finding {
  const check = 'visibility timeout';
  const lease = `SPARKIFY_VISIBILITY_SECONDS is ${visibilitySeconds}`;
  if (longestSeconds === null) return ok(check, `${lease}; the ledger has no load of the last week to compare`);
  const compared = `${lease}, and the longest load of the last week took ${longestSeconds} s`;
  if (longestSeconds <= visibilitySeconds) return ok(check, compared);
  const advice = `the lease is renewed, but one lost renewal delivers messages twice (harmless, and slow); set ${2 * longestSeconds} or more`;
  return warning(check, `${compared}; ${advice}`);
}

const statements = z.object({ Statement: z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]) });
const texts = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const allowing = z.object({
  Effect: z.literal('Allow'),
  Action: texts,
  Principal: z.union([
    z.literal('*').transform(() => ['*']),
    z.record(z.string(), texts).transform((by) => Object.values(by).flat()),
  ]),
});

/**
 * Whether S3 may send to the queue, by the queue's policy (Amazon S3 User Guide, "Granting permissions to publish event notification
 * messages to a destination"). Conditions are not evaluated.
 */
export function checkQueuePolicy({ arn, policy }: QueueDescription): Finding {
  const check = 'queue policy';
  const missing = failed(
    check,
    `does not let S3 send: allow sqs:SendMessage on ${arn} for the service s3.amazonaws.com in the policy of the queue`,
  );
  const parsed = statements.safeParse(readJson(policy ?? ''));
  if (!parsed.success) return missing;
  const lets = parsed.data.Statement.some((statement) => {
    const { data } = allowing.safeParse(statement);
    if (data === undefined) return false;
    const acts = data.Action.some((action) => /^(\*|sqs:(\*|sendmessage))$/i.test(action));
    return acts && data.Principal.some((principal) => principal === '*' || principal === 's3.amazonaws.com');
  });
  return lets ? ok(check, 'lets S3 send notifications') : missing;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
