import type { ClientBase } from 'pg';
import { RedshiftError } from '../errors/redshift-error.ts';
import { authorizeCopy } from './load/authorize-copy.ts';
import { compileRow } from './convert/compile-row.ts';
import type { CopyContext } from './read/copy-context.ts';
import type { CopyStatement } from './parse/copy-statement.ts';
import type { CopyTarget } from './load/describe-target.ts';
import { describeTarget, quoteIdentifier } from './load/describe-target.ts';
import type { FieldTree } from './convert/field-tree.ts';
import { autoFieldTree, pathFieldTree, wholeDocumentTree } from './convert/field-tree.ts';
import { parseJsonPathsFile } from './convert/json-path.ts';
import { listSources, readText } from './read/list-sources.ts';
import { LoadLog } from './load/load-log.ts';
import { lastCopyCountSetting, lastCopyIdSetting } from './load/load-views.ts';
import { LoadFiles } from './load/load-files.ts';
import { openRowSink } from './load/row-sink.ts';

export type { CopyContext } from './read/copy-context.ts';
export { parseCopy } from './parse/parse-copy.ts';
export { loadViewsSql } from './load/load-views.ts';

/**
 * Runs a COPY inside the session's transaction: either all rows are written, or it throws and the transaction can
 * only be rolled back. It fills the load views in both cases.
 *
 * @throws RedshiftError with COPY's texts: the table, the role, the files, or too many rows that cannot be loaded.
 */
export async function runCopy(statement: CopyStatement, context: CopyContext): Promise<{ loadedRows: number }> {
  try {
    return { loadedRows: await load(statement, context) };
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new RedshiftError('57014', `Query (${context.queryId}) cancelled on user's request`, { cause: error });
  }
}

async function load(statement: CopyStatement, context: CopyContext): Promise<number> {
  const { client, queryId } = context;
  const target = await describeTarget(client, statement);
  authorizeCopy(statement, context);
  const sources = await listSources(statement, context);
  const tree = await fieldTree(statement, target, context);
  const toLine = compileRow(target.columns, tree, statement.conversion);
  await setLastCopy(client, queryId, 0);
  const log = new LoadLog(context.log, context, target);
  await log.start(statement);
  const sink = statement.noLoad ? null : openRowSink(client, insertInto(target));
  const files = new LoadFiles({ statement, target, context, log, toLine, sink });
  try {
    await files.load(sources);
    const writtenRows = (await sink?.finish()) ?? 0;
    await setLastCopy(client, queryId, writtenRows);
    await log.end('completed', files.totals(), files.scanned());
    return writtenRows;
  } catch (error) {
    const reason = await abandon(sink, error);
    await log.end('aborted', files.totals(), files.scanned());
    throw reason;
  }
}

async function fieldTree(statement: CopyStatement, target: CopyTarget, context: CopyContext): Promise<FieldTree> {
  const names = target.columns.map((column) => column.name);
  const { json } = statement;
  if (json.kind === 'auto') return autoFieldTree(names, json.ignoreCase);
  if (json.kind === 'noshred') {
    if (target.columns.length === 1 && target.columns[0]?.type === 'super') return wholeDocumentTree();
    throw new RedshiftError('42601', "JSON 'noshred' needs a table with one column, of type SUPER");
  }
  const paths = parseJsonPathsFile(await readText(json.location, context));
  if (paths === null) return autoFieldTree(names, false);
  if (paths.length === names.length) return pathFieldTree(paths);
  throw new RedshiftError(
    'XX000',
    `Number of jsonpaths and the number of columns should match. JSONPath size: ${paths.length}, Number of columns in table or column list: ${names.length}`,
  );
}

function insertInto(target: CopyTarget): string {
  const columns = target.columns.map((column) => quoteIdentifier(column.name)).join(', ');
  return `copy ${quoteIdentifier(target.schema)}.${quoteIdentifier(target.table)} (${columns}) from stdin`;
}

/** Ends the row stream. When the stream itself failed, PostgreSQL's error is the reason, whichever error came first. */
async function abandon(sink: ReturnType<typeof openRowSink> | null, error: unknown): Promise<unknown> {
  const failure = await sink?.abandon();
  return failure ?? error;
}

async function setLastCopy(client: ClientBase, queryId: number, rows: number): Promise<void> {
  await client.query('select set_config($1, $2, false), set_config($3, $4, false)', [
    lastCopyIdSetting,
    String(queryId),
    lastCopyCountSetting,
    String(rows),
  ]);
}
