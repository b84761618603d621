import { DEFAULT_ENV_FILE } from './local-env-file.ts';
import type { LocalStack } from './start-local-stack.ts';

/**
 * What to type next, for the person who started the stack in the foreground.
 *
 * @returns lines that can be copied as they are; parts that were left out are not mentioned.
 */
export function instructions(stack: LocalStack, envFile: string): readonly string[] {
  const { environment } = stack;
  const s3 = environment['AWS_ENDPOINT_URL_S3'];
  const sqs = environment['AWS_ENDPOINT_URL_SQS'];
  const redshift = environment['AWS_ENDPOINT_URL_REDSHIFT_DATA'];
  const queueUrl = environment['SPARKIFY_QUEUE_URL'];
  const useIt = envFile === DEFAULT_ENV_FILE ? '--local' : `--env-file ${envFile}`;
  const bucket = environment['SPARKIFY_BUCKET'];
  const logPrefix = environment['SPARKIFY_LOG_PREFIX'] ?? 'log_data/';
  return [
    ...(s3 === undefined ? [] : [`S3        ${s3}   bucket ${bucket ?? ''}`]),
    ...(sqs === undefined ? [] : [`SQS       ${sqs}   queue ${queueUrl ?? ''}`]),
    ...(redshift === undefined
      ? []
      : [`Redshift  ${redshift}   cluster ${environment['SPARKIFY_CLUSTER_IDENTIFIER'] ?? ''} (Data API)`]),
    '',
    `Settings are in ${envFile} while this runs; sparkify commands use them with ${useIt}.`,
    '',
    'A shell, and with it the AWS CLI (version 1 and 2) and boto3, uses them after:',
    `  set -a; . ${envFile}; set +a`,
    ...(s3 === undefined
      ? []
      : ['', 'Then put a file:', `  aws s3 cp events.json s3://${bucket ?? ''}/${logPrefix}events.json`]),
    ...(stack.psqlUrl === null ? [] : ['', 'Look at the tables:', `  psql ${stack.psqlUrl}`]),
    '',
    'Ctrl-C stops it; all data is kept.',
  ];
}
