import { findDeadLetterQueue, readDeadLetters } from '../aws/dead-letter-queue.ts';
import { sqsError } from '../aws/ingest-error.ts';
import { explainDeadLetter } from '../core/intake/dead-letter.ts';
import type { ExplainedLetter } from '../core/intake/dead-letter.ts';
import { openParts } from './compose.ts';
import type { Config } from './config.ts';

export type DeadLetters = { readonly queueUrl: string; readonly letters: readonly ExplainedLetter[] };

/**
 * Lists the dead-letter queue of the settings, or that of the queue's redrive policy, with the reasons.
 *
 * @throws IngestError
 */
export async function listDeadLetters(
  config: Config<'queue'>,
  input: { readonly max: number; readonly signal: AbortSignal },
): Promise<DeadLetters> {
  const parts = openParts(config);
  const { sqs } = parts.clients;
  const { url, deadLetterUrl } = config.queue;
  try {
    const queueUrl = deadLetterUrl ?? (await findDeadLetterQueue(sqs, url, input.signal));
    const letters = await readDeadLetters(sqs, { deadLetterQueueUrl: queueUrl, ...input });
    return { queueUrl, letters: letters.map(explainDeadLetter) };
  } catch (error) {
    throw sqsError(error, { queueUrl: url, operation: 'Looking for the dead-letter queue' });
  } finally {
    parts.close();
  }
}
