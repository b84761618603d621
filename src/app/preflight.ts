import { checkQueue } from '../aws/check-queue.ts';
import { copyText } from '../core/copy.ts';
import { IngestError } from '../core/errors.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import { checkSchema } from '../loaders/check-schema.ts';
import { newRunId } from './compose.ts';
import { realRandom } from './real.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Warehouse } from '../core/ports.ts';
import type { Parts } from './compose.ts';
import type { Config } from './config.ts';

/** The warehouse is away for a while: the consumer knows how to wait for it, so this keeps nobody from starting. */
const PASSES_BY_ITSELF: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'warehouse_paused',
  'warehouse_unavailable',
  'throttled',
]);

/**
 * Looks at everything a load will need before the first message is taken: the bucket can be listed and written, the
 * queue is there, the tables are those of this program, COPY can read the bucket with the role.
 *
 * @returns a sentence for each thing that only needs time.
 * @throws IngestError with a sentence for each thing that a person has to mend.
 */
export async function preflight(
  parts: Parts,
  input: { config: Config<'bucket' | 'warehouse' | 'copy'>; queueUrl: string | null; warehouse: Warehouse },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { config, queueUrl, warehouse } = input;
  const { schema } = config.warehouse;
  const checks = await Promise.allSettled([
    queueUrl === null ? Promise.resolve() : checkQueue(parts.clients.sqs, queueUrl, signal),
    checkBucket(parts, config, signal).then(() => checkCopy(parts, { config, warehouse }, signal)),
    checkSchema({ warehouse, library: parts.library, random: realRandom, schema }, signal),
  ]);
  const errors = checks.flatMap((check) => (check.status === 'rejected' ? [ingestErrorFrom(check.reason)] : []));
  const [first, ...others] = unique(errors.filter((error) => !PASSES_BY_ITSELF.has(error.code)));
  if (first === undefined) return unique(errors).map((error) => error.message);
  throw new IngestError(first.code, [first, ...others].map((error) => error.message).join('\n'), { cause: first });
}

async function checkBucket(parts: Parts, config: Config<'bucket'>, signal: AbortSignal): Promise<void> {
  const { name: bucket, logPrefix: prefix } = config.bucket;
  for await (const _page of parts.store.list({ bucket, prefix, signal })) return;
}

/** A COPY of a line of our own, which nobody sees: the only way to ask whether the warehouse may use the role. */
async function checkCopy(
  parts: Parts,
  { config, warehouse }: { config: Config<'bucket' | 'warehouse' | 'copy'>; warehouse: Warehouse },
  signal: AbortSignal,
): Promise<void> {
  const { name: bucket, workPrefix } = config.bucket;
  const key = `${workPrefix}check/start-up.json`;
  await parts.store.put({ bucket, key, body: '{"seen":"yes"}\n', contentType: 'application/json', signal });
  const copy = copyText({
    table: 'start_up_check',
    from: `s3://${bucket}/${key}`,
    isManifest: false,
    roleArn: config.copy.roleArn,
    region: null,
    isGzip: false,
  });
  await warehouse.openSession().transaction({
    name: 'sparkify check',
    token: `check-${newRunId()}`,
    statements: ['create temp table start_up_check (seen varchar(16))', copy, 'drop table start_up_check'],
    isQuestion: true,
    signal,
  });
}

/** An endpoint that is away says so to every check: one sentence for what was seen, whoever saw it. */
function unique(errors: readonly IngestError[]): readonly IngestError[] {
  const seen = errors.map((error) => error.message.replace(/^.*? failed: /, ''));
  return errors.filter((_error, index) => seen.indexOf(seen[index] ?? '') === index);
}
