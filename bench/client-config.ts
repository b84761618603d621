import { setting } from './start-stack.ts';
import type { BenchStack } from './start-stack.ts';

/** For a client of the AWS SDK in a process whose own environment does not name the embedded stack. */
export function clientConfig(stack: BenchStack, service: 'S3' | 'SQS' | 'REDSHIFT_DATA') {
  return {
    endpoint: setting(stack, `AWS_ENDPOINT_URL_${service}`),
    region: setting(stack, 'AWS_REGION'),
    credentials: {
      accessKeyId: setting(stack, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: setting(stack, 'AWS_SECRET_ACCESS_KEY'),
    },
  };
}
