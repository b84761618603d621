import { readNotification } from './notification.ts';

/** A message on the dead-letter queue, as it lies there. */
export type DeadLetter = {
  readonly messageId: string;
  /** Epoch ms at which it was put there. */
  readonly sentAtMs: number;
  readonly body: string;
  /** Why this program put it there; `null` when it did not. */
  readonly parkedReason: string | null;
  /** Its id when it was received; a parked message is a copy with an id of its own. */
  readonly receivedAs: string | null;
};

/** A dead letter for the person who looks at it. */
export type ExplainedLetter = {
  readonly messageId: string;
  readonly sentAt: string;
  readonly reason: string;
  /** What it announces, as far as it can be read: `s3://bucket/key`. */
  readonly files: readonly string[];
  readonly body: string;
};

const NOT_PARKED =
  'moved by SQS, not by sparkify: received more often than the redrive policy allows and never deleted; ' +
  'see the log of that time';

/** Says why a message is a dead letter and which files it announces: those are not loaded because of it. */
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
