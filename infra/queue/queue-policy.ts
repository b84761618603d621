import { onlyTls, policy } from '../aws/policy.ts';
import type { Policy, Statement } from '../aws/policy.ts';

/** Who puts notifications on the queue. */
export type Announcer =
  | { readonly kind: 's3'; readonly bucketArn: string; readonly account: string }
  | { readonly kind: 'eventbridge'; readonly ruleArn: string };

/**
 * The queue's policy: notifications of exactly this bucket in this account, or of exactly this rule; TLS only. The
 * account is checked beside the bucket because any account can create a bucket with the name of a deleted one (S3 docs, "Granting
 * permissions to publish event notification messages to a destination").
 *
 * Encryption is SQS's own (SSE-SQS), which needs no key policy. With a key of KMS, S3 would need `kms:GenerateDataKey`
 * and `kms:Decrypt` on a customer-managed key (S3 docs, "Permissions to use AWS KMS key"), and would fail silently
 * without.
 */
export function queuePolicy(queueArn: string, announcer: Announcer): Policy {
  return policy(sending(queueArn, announcer), onlyTls('sqs', [queueArn]));
}

/** The dead-letter queue's: the rule's undeliverable events, where there is a rule; TLS only. */
export function deadLetterQueuePolicy(queueArn: string, ruleArn: string | null): Policy {
  const tls = onlyTls('sqs', [queueArn]);
  return ruleArn === null ? policy(tls) : policy(sending(queueArn, { kind: 'eventbridge', ruleArn }), tls);
}

function sending(queueArn: string, announcer: Announcer): Statement {
  const [service, condition] =
    announcer.kind === 's3'
      ? (['s3.amazonaws.com', s3Condition(announcer)] as const)
      : // EventBridge docs, "Amazon SQS permissions": the rule is the source.
        (['events.amazonaws.com', { ArnEquals: { 'aws:SourceArn': announcer.ruleArn } }] as const);
  return {
    Sid: 'Announcements',
    Effect: 'Allow',
    Principal: { Service: service },
    Action: ['sqs:SendMessage'],
    Resource: [queueArn],
    Condition: condition,
  };
}

function s3Condition({ bucketArn, account }: { readonly bucketArn: string; readonly account: string }) {
  return { ArnEquals: { 'aws:SourceArn': bucketArn }, StringEquals: { 'aws:SourceAccount': account } };
}
