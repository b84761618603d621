import { checkQueue } from '../aws/check-queue.ts';
import { IngestError } from '../core/errors.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { keysToProbe } from '../loaders/probe-objects.ts';
import { checkCopy } from './check-copy.ts';
import { checkReading } from './check-reading.ts';
import { newRunId, routeSettings } from './compose.ts';
import { realRandom } from './real.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Warehouse } from '../core/ports.ts';
import type { Parts } from './compose.ts';
import type { Config } from './config.ts';

/** The warehouse is temporarily unavailable: the program starts anyway, because the consumer waits for it. */
const PASSES_BY_ITSELF: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'warehouse_paused',
  'warehouse_unavailable',
  'throttled',
]);

/**
 * Checks everything that a load needs before the first message is received: the bucket can be listed, logs and songs can be read,
 * work files can be written and deleted, the queue exists, the tables have the right version, and COPY can read the bucket with the
 * role and keeps the values.
 *
 * @returns a sentence for each problem that will pass.
 * @throws IngestError with a sentence for each problem that a person has to fix.
 */
export async function preflight(
  parts: Parts,
  input: { config: Config<'bucket' | 'warehouse' | 'copy'>; queueUrl: string | null; warehouse: Warehouse },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { config, queueUrl, warehouse } = input;
  const { schema } = config.warehouse;
  const { store } = parts;
  const { name: bucket, logPrefix, songPrefix, workPrefix } = config.bucket;
  const reading = { store, settings: routeSettings(config) };
  const keysBelow = async (prefix: string): Promise<readonly string[]> => {
    for await (const keys of keysToProbe(reading, { prefix, except: null, signal })) return keys;
    return [];
  };
  // The other checks of the bucket wait for this one, and are skipped when the bucket is missing.
  const logs = keysBelow(logPrefix);
  const checks = await Promise.allSettled([
    queueUrl === null ? Promise.resolve() : checkQueue(parts.clients.sqs, queueUrl, signal),
    logs.then(async (keys) => await checkReading(reading, { keys, prefix: logPrefix, signal })),
    logs.then(async () => {
      await checkReading(reading, { keys: await keysBelow(songPrefix), prefix: songPrefix, signal });
    }),
    logs.then(async () => {
      const { roleArn } = config.copy;
      await checkCopy({ store, warehouse, bucket, workPrefix, roleArn, runId: newRunId() }, signal);
    }),
    checkSchema({ warehouse, library: parts.library, random: realRandom, schema }, signal),
  ]);
  const errors = checks.flatMap((check) => (check.status === 'rejected' ? [ingestErrorFrom(check.reason)] : []));
  const [first, ...others] = unique(errors.filter((error) => !PASSES_BY_ITSELF.has(error.code)));
  if (first === undefined) return unique(errors).map((error) => error.message);
  throw new IngestError(first.code, [first, ...others].map((error) => error.message).join('\n'), { cause: first });
}

/** Several checks may meet the same error: one sentence for each error. */
function unique(errors: readonly IngestError[]): readonly IngestError[] {
  const seen = errors.map((error) => error.message.replace(/^.*? failed: /, ''));
  return errors.filter((_error, index) => seen.indexOf(seen[index] ?? '') === index);
}
