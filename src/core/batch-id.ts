import { createHash } from 'node:crypto';
import type { FileIdentity } from './file-identity.ts';
import { fileIdentity } from './file-identity.ts';
import type { Batch, BatchId } from './load.ts';
import type { Clock, Random } from './ports.ts';

/**
 * The id of a closed batch: `<yyyymmddThhmmss>-<12 hex>`, the UTC time of opening and a hash. Ids sort by time. Consumer and
 * nonce make the ids of two batches differ even if they hold the same files and were opened at the same moment.
 *
 * @param nonce a value that the caller never passes twice (a random number, or a counter and one).
 */
export function batchId(input: {
  readonly consumer: string;
  readonly openedAtMs: number;
  readonly identities: readonly FileIdentity[];
  readonly nonce: string;
}): BatchId {
  const time = new Date(input.openedAtMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const hash = createHash('sha256');
  for (const part of [input.consumer, String(input.openedAtMs), input.nonce, ...input.identities]) {
    hash.update(part).update('\n');
  }
  return `${time}-${hash.digest('hex').slice(0, 12)}` as BatchId;
}

/** A batch that opens and closes now. */
export function batchNow(
  { clock, consumer, random }: { readonly clock: Clock; readonly random: Random; readonly consumer: string },
  batch: Pick<Batch, 'lane' | 'source' | 'files' | 'bytes' | 'decision'>,
): Batch {
  const nowMs = clock.nowMs();
  const identities = batch.files.map(fileIdentity);
  const id = batchId({ consumer, openedAtMs: nowMs, identities, nonce: String(random()) });
  return { ...batch, id, closeReason: 'count', openedAtMs: nowMs, closedAtMs: nowMs, restedMs: 0 };
}
