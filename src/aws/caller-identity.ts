import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsClients } from './clients.ts';
import { fromSdkError } from './ingest-error.ts';

/**
 * The ARN of the identity that the credentials are of. Needs no permission (AWS STS API Reference, GetCallerIdentity).
 *
 * @throws IngestError when STS does not answer.
 */
export async function callerArn(clients: Pick<AwsClients, 'sts'>, signal: AbortSignal): Promise<string> {
  try {
    const sts = await clients.sts();
    const { Arn = 'unknown' } = await sts.send(new GetCallerIdentityCommand(), { abortSignal: signal });
    return Arn;
  } catch (error) {
    throw fromSdkError(error, 'GetCallerIdentity');
  }
}
