import { parseArgs } from 'node:util';
import { LocalStackError } from './errors/local-stack-error.ts';
import { startRedshift } from './start-redshift.ts';
import type { RedshiftOptions, RunningRedshift } from './start-redshift.ts';

const HELP = `Runs a stand-in for Amazon Redshift until Ctrl-C: the Data API and the management API over HTTP.

Usage: redshift-local [options]

  --data-dir <folder>      where all data is kept (default: .redshift-local)
  --host <address>         address to listen on; nothing asks for a password (default: 127.0.0.1)
  --port <port>            Data API and management API, 0 = any free port (default: 4567)
  --postgres-port <port>   for psql, 0 = any free port (default: 5439)
  --postgres-url <url>     use this PostgreSQL server instead of the embedded one
  --cluster <name>         cluster identifier (default: redshift-local)
  --database <name>        (default: dev)
  --user <name>            (default: awsuser)
  --region <name>          (default: us-east-1)
  --role <arn>             a role that COPY may assume; may be repeated
                           (default: arn:aws:iam::000000000000:role/redshift-local)
  --without <rule>         do not keep this rule, which CONFORMANCE.md calls switchable; may be repeated

COPY reads from AWS_ENDPOINT_URL_S3, or from S3 itself, with the credentials that the AWS SDK finds.
`;

const DIED =
  'The embedded PostgreSQL has ended without being stopped; its last lines are above. Committed data are kept: start again.';

/** Where a shell finds that SIGINT ended a program. */
const EXIT_INTERRUPTED = 130;

/**
 * The program `redshift-local`: runs the stand-in in the foreground until SIGINT, SIGTERM or SIGHUP, then stops it. A
 * second signal exits at once, which is as safe as a kill.
 *
 * @returns the exit code: 0 after a signal, 1 when the stand-in cannot start or its database has ended, 2 for a wrong
 *   option.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  let options: RedshiftOptions | null;
  try {
    options = readOptions(words);
  } catch (error) {
    process.stderr.write(`redshift-local: ${(error as Error).message}\n(redshift-local --help lists the options)\n`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const stopped = firstSignal();
  try {
    const redshift = await startRedshift(options);
    process.stdout.write(instructions(redshift, options));
    const hasDied = await Promise.race([stopped.then(() => false), redshift.died.then(() => true)]);
    await redshift.stop();
    if (hasDied) throw new LocalStackError(DIED);
    return 0;
  } catch (error) {
    if (!(error instanceof LocalStackError)) throw error;
    process.stderr.write(`redshift-local: ${error.message}\n`);
    return 1;
  }
}

/** `null`: help is wanted. */
function readOptions(words: readonly string[]): RedshiftOptions | null {
  const { values } = parseArgs({
    args: [...words],
    options: {
      'data-dir': { type: 'string', default: '.redshift-local' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '4567' },
      'postgres-port': { type: 'string', default: '5439' },
      'postgres-url': { type: 'string' },
      cluster: { type: 'string', default: 'redshift-local' },
      database: { type: 'string', default: 'dev' },
      user: { type: 'string', default: 'awsuser' },
      region: { type: 'string', default: 'us-east-1' },
      role: { type: 'string', multiple: true, default: ['arn:aws:iam::000000000000:role/redshift-local'] },
      without: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const s3Endpoint = process.env['AWS_ENDPOINT_URL_S3'];
  return {
    dataDir: values['data-dir'],
    host: values.host,
    port: portOf('--port', values.port),
    postgresPort: portOf('--postgres-port', values['postgres-port']),
    clusterIdentifier: values.cluster,
    database: values.database,
    masterUser: values.user,
    region: values.region,
    attachedRoleArns: values.role,
    withoutRules: values.without,
    ...(values['postgres-url'] === undefined ? {} : { postgresUrl: values['postgres-url'] }),
    ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    log: (line) => void process.stderr.write(`${line}\n`),
  };
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`${option} ${text}: expected a whole number from 0 to 65535`);
}

function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let seen = false;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (seen) process.exit(EXIT_INTERRUPTED);
        seen = true;
        resolve();
      });
    }
  });
}

function instructions({ url, psqlUrl }: RunningRedshift, options: RedshiftOptions): string {
  return `Data API   ${url}   cluster ${options.clusterIdentifier}, database ${options.database}, user ${options.masterUser}
psql       ${psqlUrl}

  export AWS_ENDPOINT_URL_REDSHIFT_DATA=${url} AWS_ENDPOINT_URL_REDSHIFT=${url}
  export AWS_REGION=${options.region} AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any

Ctrl-C stops it; all data is kept.
`;
}
