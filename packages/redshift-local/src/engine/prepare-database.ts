import { createHash } from 'node:crypto';
import pg from 'pg';
import { loadViewsSql } from '../copy/run-copy.ts';
import { preludeSql } from '../dialect/translate.ts';
import { LocalStackError } from '../errors/local-stack-error.ts';
import { ignoreTrailingBlanks, reindexText } from './compare-blanks.ts';
import { grantsToEverybodySql } from './database-users.ts';

/** The stand-in's own tables. `format` changes when they do. */
const controlFormat = 1;
const controlSql = `
  create schema if not exists redshift_local;
  create table if not exists redshift_local.prepared (what text primary key, version text not null);
  create sequence if not exists redshift_local.query_blocks minvalue 0;
  create table if not exists redshift_local.statements (
    id text primary key,
    created_at_ms bigint not null,
    updated_at_ms bigint not null,
    status text not null,
    statement_name text,
    database_name text not null,
    client_token text,
    record text not null
  );
  create index if not exists statements_by_age on redshift_local.statements (created_at_ms);
  drop index if exists redshift_local.statements_by_token;
`;

/**
 * Creates the database (C collation, UTF-8) and, inside it, the dialect's functions and views, the load views and the
 * stand-in's own tables. Runs at every start and changes nothing when everything exists.
 *
 * @param serverUrl any database of the server.
 * @param isOwn the server is the stand-in's own; on another server it changes no catalog and makes no user.
 * @returns the URL of the prepared database.
 */
export async function prepareDatabase(
  serverUrl: string,
  database: string,
  { isOwn }: { isOwn: boolean },
): Promise<string> {
  await withClient(serverUrl, async (client) => {
    const { rows } = await client.query('select 1 from pg_catalog.pg_database where datname = $1', [database]);
    if (rows.length > 0) return;
    await client.query(
      `create database ${pg.escapeIdentifier(database)} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
    );
  });
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  await withClient(url.href, async (client) => {
    await client.query('begin');
    // Two programs that start on one server must not both create.
    await client.query("select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('redshift-local'))");
    await client.query(controlSql);
    await refuseNewer(client, database);
    await client.query('create schema if not exists redshift_compat');
    await client.query('set local search_path = redshift_compat, public');
    await applyWhenChanged(client, 'dialect', preludeSql());
    await applyWhenChanged(client, 'load views', loadViewsSql());
    if (isOwn) await applyWhenChanged(client, 'grants', grantsToEverybodySql + preludeSql() + loadViewsSql());
    await client.query('commit');
  });
  if (isOwn) await compareText(url.href);
  return url.href;
}

async function refuseNewer(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    "select version from redshift_local.prepared where what = 'format'",
  );
  const found = rows[0]?.version;
  if (found !== undefined && Number(found) > controlFormat) {
    throw new LocalStackError(
      `The database ${database} was written by a newer version of the embedded Redshift (format ${found}, this one knows ${controlFormat}). ` +
        'Update this program, or choose another directory with --data-dir.',
    );
  }
  await record(client, 'format', String(controlFormat));
}

async function applyWhenChanged(client: pg.Client, what: string, sql: string): Promise<void> {
  const version = createHash('sha256').update(sql).digest('hex');
  if (await isRecorded(client, what, version)) return;
  await client.query(sql);
  await record(client, what, version);
}

/** Changes how text compares, and then, over a connection that knows, orders the indexes anew; once, and again after a crash between. */
async function compareText(url: string): Promise<void> {
  const without = ['text comparison', 'without trailing blanks'] as const;
  await withClient(url, async (client) => {
    if (await isRecorded(client, ...without)) return;
    await client.query('begin');
    await ignoreTrailingBlanks(client);
    await client.query('commit');
    await withClient(url, reindexText);
    await record(client, ...without);
  });
}

async function isRecorded(client: pg.Client, what: string, version: string): Promise<boolean> {
  const { rows } = await client.query('select 1 from redshift_local.prepared where what = $1 and version = $2', [
    what,
    version,
  ]);
  return rows.length > 0;
}

async function record(client: pg.Client, what: string, version: string): Promise<void> {
  await client.query(
    `insert into redshift_local.prepared (what, version) values ($1, $2)
     on conflict (what) do update set version = excluded.version`,
    [what, version],
  );
}

async function withClient(url: string, act: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}
