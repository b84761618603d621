import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { manifestBody } from '../src/core/loading/manifest.ts';
import { copyText } from '../src/core/sql/copy.ts';
import { clientConfig } from './client-config.ts';
import { spread } from './quantiles.ts';
import { runStatement } from './standin-statement.ts';
import { setting } from './start-stack.ts';
import type { BenchStack } from './start-stack.ts';

/** Medians, in ms. */
export type CopyTimes = { readonly standinMs: number; readonly postgresMs: number };

const COLUMNS = {
  object_id: 'char(32)',
  line_number: 'bigint',
  event_at: 'timestamp',
  user_id: 'bigint',
  session_id: 'bigint',
  item_in_session: 'integer',
  level: 'varchar(16)',
  first_name: 'varchar(256)',
  song_title: 'varchar(1024)',
  artist_name: 'varchar(1024)',
  song_length: 'decimal(10, 5)',
  location: 'varchar(512)',
  user_agent: 'varchar(1024)',
} as const;

const DEFINITION = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

/** One event as the loader writes it into a part, and as a line of PostgreSQL's COPY. */
function event(index: number): { readonly json: string; readonly line: string } {
  const atMs = Date.UTC(2018, 10, 1) + index * 1_000;
  const row = {
    object_id: createHash('md5')
      .update(String(index % 1_000))
      .digest('hex'),
    line_number: index,
    event_at: atMs,
    user_id: index % 5_000,
    session_id: index % 20_000,
    item_in_session: index % 50,
    level: index % 3 === 0 ? 'paid' : 'free',
    first_name: 'Jayden',
    song_title: `Read My Mind, part ${index % 9_999}`,
    artist_name: 'The Killers',
    song_length: `${100 + (index % 300)}.80444`,
    location: 'Marinette, WI-MI',
    user_agent:
      '"Mozilla/5.0 (Windows NT 6.3; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0 Safari/537.36"',
  };
  const values = Object.values({ ...row, event_at: new Date(atMs).toISOString().replace('T', ' ').replace('Z', '') });
  return { json: `${JSON.stringify(row)}\n`, line: `${values.join('\t')}\n` };
}

/** COPY of the parts by the stand-in, and PostgreSQL's COPY of the same rows, in turn, each into a new table. */
export async function copyEvents(input: {
  readonly client: RedshiftDataClient;
  readonly stack: BenchStack;
  readonly postgres: pg.Client;
  readonly lines: readonly Buffer[];
  readonly rounds: number;
}): Promise<CopyTimes> {
  const { client, lines, postgres, rounds, stack } = input;
  const bucket = setting(stack, 'SPARKIFY_BUCKET');
  const copy = copyText({
    table: 'copied_events',
    from: `s3://${bucket}/bench/manifest.json`,
    isParts: true,
    roleArn: setting(stack, 'SPARKIFY_COPY_ROLE_ARN'),
  });
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    await runStatement(client, stack, `create table copied_events (${DEFINITION})`);
    const beganMs = performance.now();
    await runStatement(client, stack, copy);
    ours.push(performance.now() - beganMs);
    await runStatement(client, stack, 'drop table copied_events');
    await postgres.query(`create table own_events (${DEFINITION})`);
    const ownBeganMs = performance.now();
    await pipeline(Readable.from(lines), postgres.query(copyFrom('copy own_events from stdin')));
    theirs.push(performance.now() - ownBeganMs);
    await postgres.query('drop table own_events');
  }
  return { standinMs: spread(ours).p50, postgresMs: spread(theirs).p50 };
}

/** Puts the gzipped parts and their manifest. @returns the same rows for PostgreSQL, in large pieces. */
export async function putParts(
  stack: BenchStack,
  { events, parts }: { readonly events: number; readonly parts: number },
): Promise<readonly Buffer[]> {
  const bucket = setting(stack, 'SPARKIFY_BUCKET');
  const s3 = new S3Client(clientConfig(stack, 'S3'));
  const lines: Buffer[] = [];
  const keys: string[] = [];
  const perPart = Math.ceil(events / parts);
  for (let part = 0; part < parts; part += 1) {
    const rows = Array.from({ length: Math.min(perPart, events - part * perPart) }, (_, row) =>
      event(part * perPart + row),
    );
    const key = `bench/part-${part}.json.gz`;
    keys.push(key);
    const body = gzipSync(rows.map(({ json }) => json).join(''));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    lines.push(Buffer.from(rows.map(({ line }) => line).join('')));
  }
  const manifest = manifestBody(keys.map((key) => `s3://${bucket}/${key}`));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'bench/manifest.json', Body: manifest }));
  s3.destroy();
  return lines;
}
