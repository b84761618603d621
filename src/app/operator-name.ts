import { IngestError } from '../core/errors.ts';
import type { Parts } from './compose.ts';
import type { BaseConfig } from './config.ts';

/** `ingest_batches.operator` has 128 bytes; names of IAM are ASCII. */
const MOST_CHARACTERS = 128;

/**
 * Who runs the command, for the ledger: SPARKIFY_OPERATOR, or the name of the session or the user of the credentials.
 *
 * @throws IngestError when STS does not answer.
 */
export async function operatorName(parts: Parts, config: BaseConfig, signal: AbortSignal): Promise<string> {
  if (config.operator !== null) return config.operator;
  // Only a command that changes rows pays for the client.
  const { callerArn } = await import('../aws/caller-identity.ts');
  try {
    return nameOf(await callerArn(parts.clients, signal));
  } catch (cause) {
    if (!(cause instanceof IngestError)) throw cause;
    throw new IngestError(cause.code, `${cause.message} Or set SPARKIFY_OPERATOR to your name.`, { cause });
  }
}

/** `arn:aws:sts::1:assumed-role/role/session` → `session`; `arn:aws:iam::1:user/path/name` → `name`. */
export function nameOf(arn: string): string {
  return (arn.split(/[/:]/).at(-1) ?? arn).slice(0, MOST_CHARACTERS);
}
