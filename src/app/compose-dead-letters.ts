import {
  deleteDeadLetter,
  findDeadLetterQueue,
  holdDeadLetters,
  readDeadLetters,
  releaseDeadLetters,
} from '../aws/dead-letter-queue.ts';
import type { HeldLetter } from '../aws/dead-letter-queue.ts';
import { sendMessages } from '../aws/send-messages.ts';
import { explainDeadLetter } from '../core/intake/dead-letter.ts';
import type { ExplainedLetter } from '../core/intake/dead-letter.ts';
import type { Parts } from './compose.ts';
import type { Config } from './config.ts';

export type DeadLetters = { readonly queueUrl: string; readonly letters: readonly ExplainedLetter[] };

type Looked = { readonly max: number; readonly signal: AbortSignal };

/**
 * Lists the dead-letter queue of the settings, or that of the queue's redrive policy, with the reasons.
 *
 * @throws IngestError
 */
export async function listDeadLetters(parts: Parts, config: Config<'queue'>, input: Looked): Promise<DeadLetters> {
  const { sqs } = parts.clients;
  const queueUrl = await deadLetterQueueOf(parts, config, input.signal);
  const letters = await readDeadLetters(sqs, { deadLetterQueueUrl: queueUrl, ...input });
  return { queueUrl, letters: letters.map(explainDeadLetter) };
}

/**
 * Ends dead letters: sends their bodies to the queue again, or only deletes them. A message is deleted after its body was sent, so a
 * crash may leave it in both queues, and its files are loaded once.
 *
 * @param input.before called with the wanted messages before the first of them is touched.
 * @returns the messages that were ended, the oldest first.
 * @throws IngestError
 */
export async function endDeadLetters(
  parts: Parts,
  config: Config<'queue'>,
  input: Looked & {
    readonly isResent: boolean;
    readonly isWanted: (letter: ExplainedLetter) => boolean;
    readonly before: (letters: readonly ExplainedLetter[]) => void;
  },
): Promise<DeadLetters> {
  const { sqs } = parts.clients;
  const queueUrl = await deadLetterQueueOf(parts, config, input.signal);
  const isWanted = (letter: Parameters<typeof explainDeadLetter>[0]) => input.isWanted(explainDeadLetter(letter));
  const held = await holdDeadLetters(sqs, { ...input, deadLetterQueueUrl: queueUrl, isWanted });
  const left: HeldLetter[] = [...held];
  const ended: ExplainedLetter[] = [];
  try {
    input.before(held.map(explainDeadLetter));
    for (const letter of held) {
      if (input.signal.aborted) break;
      if (input.isResent) await sendMessages(sqs, config.queue.url, [letter.body]);
      await deleteDeadLetter(sqs, queueUrl, letter);
      left.shift();
      ended.push(explainDeadLetter(letter));
    }
  } finally {
    await releaseDeadLetters(sqs, queueUrl, left);
  }
  return { queueUrl, letters: ended };
}

async function deadLetterQueueOf(parts: Parts, config: Config<'queue'>, signal: AbortSignal): Promise<string> {
  const { deadLetterUrl, url } = config.queue;
  return deadLetterUrl ?? (await findDeadLetterQueue(parts.clients.sqs, url, signal));
}
