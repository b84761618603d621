import { processEnvironment, readConfig } from '../../app/config.ts';
import { wholeNumber } from '../arguments.ts';
import { loadEmbeddedStack } from '../embedded-stack.ts';
import { UsageError, action, plainVerb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { LocalStackOptions, LocalStackPart } from 'local-stack';
import type { ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = {
  only?: string[];
  dataDir?: string;
  host?: string;
  port?: number;
  redshiftPort?: number;
  postgresPort?: number;
  bucket?: string;
  queue?: string;
  keepLogs?: true;
};

const PARTS: readonly LocalStackPart[] = ['s3', 'sqs', 'redshift'];

export function localCommand(io: Io): Command {
  const port = (option: string) => wholeNumber(option, 0, 65_535);
  const command = plainVerb('local', 'run the embedded stack in the foreground: S3, SQS and a Redshift stand-in', [
    ['sparkify local', 'everything, on fixed ports, durable in .sparkify/data'],
    ['sparkify local --only redshift', 'beside MinIO, LocalStack or real S3 (AWS_ENDPOINT_URL_S3)'],
    ['sparkify local --data-dir /tmp/other --port 5566 --redshift-port 5567 --postgres-port 5568', 'a second one'],
  ])
    .option('--only <parts...>', `start only these parts; any of ${PARTS.join(', ')}`)
    .option('--data-dir <folder>', 'folder for all data (default: .sparkify/data)')
    .option('--host <address>', 'address to listen on; there is no authentication (default: 127.0.0.1)')
    .option('--port <port>', 'S3 and SQS (default: 4566)', port('--port'))
    .option('--redshift-port <port>', 'Data API and cluster API (default: 4567)', port('--redshift-port'))
    .option('--postgres-port <port>', 'for psql (default: 5439)', port('--postgres-port'))
    .option('--bucket <name>', 'bucket to create (default: sparkify-data)')
    .option('--queue <name>', 'queue to create (default: sparkify-ingest)')
    .option('--keep-logs', 'keep the logs of the servers after a successful run')
    .action(action<Options>(io, async (options) => await runLocalCommand(options, io)));
  return withNotes(
    command,
    'SPARKIFY_LOG_PREFIX and SPARKIFY_SONG_PREFIX decide which objects the bucket announces. SPARKIFY_LOCAL_POSTGRES_URL ' +
      'names a PostgreSQL server to use instead of the embedded one.',
  );
}

async function runLocalCommand(options: Options, io: Io): Promise<ExitCode> {
  const { runLocal, LocalStackError } = await loadEmbeddedStack('local', async () => await import('local-stack'));
  try {
    await runLocal({ ...stackOptions(options), print: (line) => io.out(`${line}\n`) });
    return 0;
  } catch (error) {
    if (!(error instanceof LocalStackError)) throw error;
    io.err(`sparkify: ${error.message}\n`);
    return 1;
  }
}

function stackOptions({ only, keepLogs, ...rest }: Options): LocalStackOptions {
  const environment = processEnvironment();
  const postgresUrl = environment['SPARKIFY_LOCAL_POSTGRES_URL'];
  // The stack chooses region and bucket; the prefixes are those of the settings.
  const chosen = { AWS_REGION: 'us-east-1', SPARKIFY_BUCKET: 'sparkify-data' };
  const { logPrefix, songPrefix } = readConfig({ ...environment, ...chosen }, ['bucket']).bucket;
  return {
    ...rest,
    notifiedPrefixes: [logPrefix, songPrefix],
    settings: { SPARKIFY_LOG_PREFIX: logPrefix, SPARKIFY_SONG_PREFIX: songPrefix },
    ...(only === undefined ? {} : { only: only.map(part) }),
    ...(keepLogs === undefined ? {} : { keepLogs }),
    ...(postgresUrl === undefined || postgresUrl === '' ? {} : { postgresUrl }),
  };
}

function part(name: string): LocalStackPart {
  const found = PARTS.find((candidate) => candidate === name);
  if (found === undefined) throw new UsageError(`--only ${name}: expected ${PARTS.join(', ')}`);
  return found;
}
