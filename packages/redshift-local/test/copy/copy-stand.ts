import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import pg from 'pg';
import type { CopyContext } from '../../src/copy/read/copy-context.ts';
import { loadViewsSql, parseCopy, runCopy } from '../../src/copy/run-copy.ts';
import { createOwnDatabase } from '../own-database.ts';

export const role = 'arn:aws:iam::000000000000:role/copy';
export const bucket = 'data-bucket';

/** A database and S3 over HTTP, with everything that COPY needs. */
export type CopyStand = Awaited<ReturnType<typeof startCopyStand>>;

export async function startCopyStand() {
  const database = await createOwnDatabase();
  const connection = {
    connectionString: database.url,
    options: '-c search_path=redshift_compat,public -c timezone=UTC -c default_transaction_isolation=repeatable\\ read',
  };
  const pool = new pg.Pool({ ...connection, max: 2 });
  // A connection that says goodbye may meet the server's own at the end.
  pool.on('error', () => undefined);
  await pool.query(loadViewsSql());
  const client = new pg.Client(connection);
  await client.connect();
  const storage = await startFauxqs({ port: 0, logger: false });
  const s3 = new S3Client({
    endpoint: `http://127.0.0.1:${storage.port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  let queryId = 1000;

  const context = (): CopyContext => ({
    client,
    log: pool,
    s3,
    queryId: (queryId += 1),
    transactionId: 7,
    sessionId: 3,
    database: 'dev',
    userName: 'awsuser',
    clusterIdentifier: 'a-cluster',
    attachedRoleArns: [role],
    signal: new AbortController().signal,
  });

  return {
    client,
    pool,
    s3,
    context,
    async put(key: string, body: string | Uint8Array) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body) }));
    },
    async putManifest(key: string, keys: readonly string[], mandatory = true) {
      const entries = keys.map((entry) => ({ url: `s3://${bucket}/${entry}`, mandatory }));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: JSON.stringify({ entries }) }));
    },
    /** Runs one COPY in its own transaction; `tail` is what stands behind the role. */
    async copy(table: string, key: string, tail: string, given: Partial<CopyContext> = {}) {
      const within = { ...context(), ...given };
      await client.query('begin');
      try {
        const sql = `copy ${table} from 's3://${bucket}/${key}' iam_role '${role}' ${tail}`;
        const result = await runCopy(parseCopy(sql), within);
        await client.query('commit');
        return { ...result, queryId: within.queryId };
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    },
    async rows<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
      return (await client.query<Row>(sql, [...values])).rows;
    },
    lastQueryId: () => queryId,
    /** The id of a query in the SYS views. */
    sysQueryId: (of = queryId) => of + 1_000_000_000,
    async stop() {
      await client.end();
      await pool.end();
      s3.destroy();
      await storage.stop();
      await database.drop();
    },
  };
}
