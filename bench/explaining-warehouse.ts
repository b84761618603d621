import type { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import type { Row, StatementResult, Warehouse, WarehouseSession } from '../src/core/ports.ts';
import { parseCopy, runCopy } from '../packages/redshift-local/src/copy/run-copy.ts';
import { loadDialect, translate } from '../packages/redshift-local/src/dialect/translate.ts';

/** What one statement did to the lasting tables of the schema, by the engine's own counters. */
export type StatementCost = {
  /** `insert into songplays`, `delete from songplays`, … */
  readonly statement: string;
  /** Rows and index entries that were read. */
  readonly rowsRead: number;
  /** Rows inserted, updated or deleted. */
  readonly rowsWritten: number;
  /** Pages of lasting tables and indexes that were looked at (EXPLAIN, shared buffers). */
  readonly pages: number;
  /** Of one run under EXPLAIN: a hint where time goes, no measurement. */
  readonly ms: number;
  /** How the plan gets at each lasting table: `Index Scan songplays`. */
  readonly access: readonly string[];
};

/** What a whole load did to one lasting table and its indexes. */
export type TableCost = { readonly rowsRead: number; readonly rowsWritten: number };

/**
 * The same statements as the stand-in runs, over one connection that is ours, each under EXPLAIN (ANALYZE, BUFFERS) and
 * between two readings of the transaction's own counters. For counting only, not for measuring time.
 */
export class ExplainingWarehouse implements Warehouse {
  readonly costs: StatementCost[] = [];
  /**
   * Of all transactions so far, by table: every statement is in it, also those that EXPLAIN cannot be put before. A
   * statement whose rows are asked for is run and counted twice.
   */
  readonly tables = new Map<string, TableCost>();
  readonly #client: pg.Client;
  readonly #pool: pg.Pool;
  readonly #s3: S3Client;
  readonly #schema: string;
  readonly #roleArn: string;
  readonly #rows = new Map<string, readonly Row[]>();
  #statements = 0;

  private constructor(client: pg.Client, pool: pg.Pool, parts: { s3: S3Client; schema: string; roleArn: string }) {
    this.#client = client;
    this.#pool = pool;
    this.#s3 = parts.s3;
    this.#schema = parts.schema;
    this.#roleArn = parts.roleArn;
  }

  static async open(input: {
    psqlUrl: string;
    s3: S3Client;
    schema: string;
    roleArn: string;
  }): Promise<ExplainingWarehouse> {
    await loadDialect();
    const options = '-c search_path=public,redshift_compat -c TimeZone=UTC -c client_min_messages=error';
    const client = new pg.Client({ connectionString: input.psqlUrl, options });
    await client.connect();
    return new ExplainingWarehouse(client, new pg.Pool({ connectionString: input.psqlUrl }), input);
  }

  async close(): Promise<void> {
    await this.#client.end();
    await this.#pool.end();
  }

  roundTrips(): number {
    return 0;
  }

  openSession(begin: readonly string[] = []): WarehouseSession {
    let isNew = true;
    return {
      transaction: async ({ statements }) => {
        await this.#client.query('begin isolation level repeatable read');
        if (isNew) for (const sql of begin) await this.#run(sql);
        isNew = false;
        const before = await this.#countersByTable();
        const results: StatementResult[] = [];
        for (const sql of statements) results.push(await this.#run(sql));
        this.#add(before, await this.#countersByTable());
        await this.#client.query('commit');
        return results;
      },
      rows: async ({ id }) => await Promise.resolve(this.#rows.get(id) ?? []),
      reset: () => undefined,
    };
  }

  async #run(sql: string): Promise<StatementResult> {
    this.#statements += 1;
    const id = String(this.#statements);
    const translation = translate(sql);
    if (translation.kind === 'copy') await this.#copy(sql);
    if (translation.kind !== 'postgres')
      return { id, queryId: null, durationMs: 0, resultRows: -1, hasResultSet: false };
    for (const statement of translation.sql.slice(0, -1)) await this.#client.query(statement);
    const last = translation.sql.at(-1) ?? '';
    if (
      EXPLAINABLE.has(translation.command) &&
      translation.sql.length > 0 &&
      /^(?:insert|update|delete|merge|select)/i.test(last)
    ) {
      await this.#explain(sql, last);
    } else await this.#client.query(last);
    if (translation.returnsRows) this.#rows.set(id, (await this.#client.query<Row>(last)).rows);
    return { id, queryId: null, durationMs: 0, resultRows: -1, hasResultSet: translation.returnsRows };
  }

  async #explain(sql: string, postgresSql: string): Promise<void> {
    const before = await this.#counters();
    const { rows } = await this.#client.query<{ 'QUERY PLAN': { Plan: PlanNode; 'Execution Time': number }[] }>(
      `explain (analyze, buffers, verbose, timing off, format json) ${postgresSql}`,
    );
    const after = await this.#counters();
    const explained = rows[0]?.['QUERY PLAN'][0];
    const plan = explained?.Plan;
    if (plan === undefined) throw new Error('EXPLAIN gave no plan.');
    this.costs.push({
      statement: describe(sql),
      rowsRead: after.read - before.read,
      rowsWritten: after.written - before.written,
      pages: (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
      ms: explained?.['Execution Time'] ?? 0,
      access: [...new Set(scans(plan, this.#schema))],
    });
  }

  async #counters(): Promise<{ read: number; written: number }> {
    const tables = [...(await this.#countersByTable()).values()];
    const sum = (of: (cost: TableCost) => number): number => tables.reduce((total, cost) => total + of(cost), 0);
    return { read: sum(({ rowsRead }) => rowsRead), written: sum(({ rowsWritten }) => rowsWritten) };
  }

  /** The session's own and at once: nothing has to be waited for. They mean something as differences only. */
  async #countersByTable(): Promise<ReadonlyMap<string, TableCost>> {
    const { rows } = await this.#client.query<{ name: string; read: string; written: string }>(
      `select
         coalesce(i.indrelid, c.oid)::regclass::text as name,
         sum(pg_stat_get_xact_tuples_returned(c.oid)) as read,
         sum(pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
           + pg_stat_get_xact_tuples_deleted(c.oid)) as written
       from pg_class c left join pg_index i on i.indexrelid = c.oid
       where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'i')
       group by 1`,
      [this.#schema],
    );
    return new Map(
      rows.map(({ name, read, written }) => [
        name.replace(/^.*\./, '').replaceAll('"', ''),
        { rowsRead: Number(read), rowsWritten: Number(written) },
      ]),
    );
  }

  #add(before: ReadonlyMap<string, TableCost>, after: ReadonlyMap<string, TableCost>): void {
    const none: TableCost = { rowsRead: 0, rowsWritten: 0 };
    for (const [name, { rowsRead, rowsWritten }] of after) {
      const [since, sofar] = [before.get(name) ?? none, this.tables.get(name) ?? none];
      this.tables.set(name, {
        rowsRead: sofar.rowsRead + rowsRead - since.rowsRead,
        rowsWritten: sofar.rowsWritten + rowsWritten - since.rowsWritten,
      });
    }
  }

  async #copy(sql: string): Promise<void> {
    await runCopy(parseCopy(sql), {
      client: this.#client,
      log: this.#pool,
      s3: this.#s3,
      queryId: 900_000_000 + this.#statements,
      transactionId: 1,
      sessionId: 1,
      database: 'bench',
      userName: 'bench',
      clusterIdentifier: 'bench',
      attachedRoleArns: [this.#roleArn],
      signal: new AbortController().signal,
    });
  }
}

const EXPLAINABLE: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'merge', 'create_table']);

type PlanNode = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Schema?: string;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
};

/** Of the lasting tables, which are in the schema; temporary ones have no index. */
function scans(node: PlanNode, schema: string): readonly string[] {
  const { 'Index Name': index, 'Node Type': type, 'Relation Name': table, Plans = [], Schema: inSchema } = node;
  const isOwn = type.includes('Scan') && (inSchema === schema || index !== undefined);
  const own = isOwn ? [`${type} ${index ?? table ?? ''}`] : [];
  return [...own, ...Plans.flatMap((child) => scans(child, schema))];
}

/** The beginning of a statement, up to the name of its table. */
function describe(sql: string): string {
  const text = sql
    .replaceAll(/--[^\n]*\n/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return /^(?:create temp table|insert into|update|delete from|merge into) \w+/i.exec(text)?.[0] ?? text.slice(0, 40);
}
