import { readNotification } from './notification.ts';

/** A message on the dead-letter queue. */
export type DeadLetter = {
  readonly messageId: string;
  /** Epoch ms at which it was sent to the dead-letter queue. */
  readonly sentAtMs: number;
  readonly body: string;
  /** Why sparkify parked the message; `null` if SQS moved it. */
  readonly parkedReason: string | null;
  /** Its id when it was received. A parked message is a copy with another id. */
  readonly receivedAs: string | null;
};

/** A dead letter for people. */
export type ExplainedLetter = {
  readonly messageId: string;
  readonly sentAt: string;
  readonly reason: string;
  /** The files that it announces, as far as it can be read: `s3://bucket/key`. */
  readonly files: readonly string[];
  readonly body: string;
};

const NOT_PARKED =
  'moved by SQS, not by sparkify: received more often than the redrive policy allows and never deleted; ' +
  'see the log of that time';

/** Why a message is a dead letter, and which files it announces. */
export function explainDeadLetter(letter: DeadLetter): ExplainedLetter {
  const notification = readNotification(letter.body);
  const files = notification.kind === 'events' ? notification.files : [];
  return {
    messageId: letter.receivedAs ?? letter.messageId,
    sentAt: new Date(letter.sentAtMs).toISOString(),
    reason: letter.parkedReason ?? NOT_PARKED,
    files: files.map(({ bucket, key }) => `s3://${bucket}/${key}`),
    body: letter.body,
  };
}
