import { setFlagsFromString } from 'node:v8';
import { loadModule } from 'libpg-query';
import type {
  CommentStmt,
  DeleteStmt,
  DropStmt,
  LockStmt,
  MergeStmt,
  Node,
  TruncateStmt,
  UpdateStmt,
} from 'libpg-query';

import { notSupported, RedshiftError } from '../errors/redshift-error.ts';
import { alterTable } from './ddl/alter-table.ts';
import { translateCommand } from './commands.ts';
import { createTable, createTableAs } from './ddl/create-table.ts';
import { liftStatement } from './lift/lift-statement.ts';
import type { Lifted } from './lift/lift-statement.ts';
import { checkMerge } from './check/merge.ts';
import { refuseOwnSchemas } from './check/own-schemas.ts';
import { replaceDuplicates } from './rewrite/remove-duplicates.ts';
import { refuseReservedNames } from './check/reserved-words.ts';
import { parseOrThrow, tokenise } from './tree/tokens.ts';
import { transformStatement } from './rewrite/transform.ts';
import type { PostgresTranslation, Translation } from './translation.ts';
import { postgres } from './translation.ts';
import { kindOf } from './tree/tree.ts';
import { writeSql } from './tree/write-sql.ts';

export { preludeSql } from './prelude.ts';
export type { Translation } from './translation.ts';

/** Loads PostgreSQL's parser (WebAssembly) once; must have resolved before the first `translate`. */
export async function loadDialect(): Promise<void> {
  // Optimising the parser takes V8 two seconds and 500 MB, soon after the first statements; the plain code is fast enough.
  // V8 ignores either flag without the other.
  setFlagsFromString('--no-wasm-dynamic-tiering');
  setFlagsFromString('--no-wasm-tier-up');
  await loadModule();
}

/**
 * Translates one statement of Redshift SQL into PostgreSQL statements with the same meaning. Redshift's own syntax is
 * lifted out of the text, the rest is parsed by PostgreSQL's grammar, checked node by node against what Redshift is
 * known to have, rewritten and written out again.
 *
 * @throws RedshiftError 42601 for a syntax error or more than one statement, 0A000 for what Redshift (or the stand-in)
 *   does not have; unknown syntax is never passed on.
 */
export function translate(sql: string): Translation {
  const known = recent.get(sql);
  if (known !== undefined) return known;
  const translation = translateFresh(sql);
  if (sql.length <= longestRemembered) {
    // The oldest goes first; a load sends the same few dozen statements again and again.
    const oldest = recent.size >= mostRemembered ? recent.keys().next().value : undefined;
    if (oldest !== undefined) recent.delete(oldest);
    recent.set(sql, translation);
  }
  return translation;
}

/** Translations are immutable, so that equal texts share one. */
const recent = new Map<string, Translation>();
const mostRemembered = 300;
const longestRemembered = 16_000;

function translateFresh(sql: string): Translation {
  let tokens = tokenise(sql);
  while (tokens.at(-1)?.text === ';') tokens = tokens.slice(0, -1);
  if (tokens.length === 0) throw new RedshiftError('42601', 'syntax error: the statement is empty');
  if (tokens.some((token) => token.text === ';')) {
    throw new RedshiftError('42601', 'cannot insert multiple commands into a prepared statement');
  }
  refuseOwnSchemas(tokens);
  const command = translateCommand(tokens);
  if (command !== null) return command;
  const lifted = liftStatement(sql, tokens);
  const [only, more] = parseOrThrow(lifted.sql).stmts ?? [];
  if (only?.stmt === undefined || more !== undefined)
    throw new RedshiftError('42601', 'exactly one statement is expected');
  refuseReservedNames(only.stmt, lifted.sql);
  return translateParsed(only.stmt, lifted);
}

function translateParsed(statement: Node, lifted: Lifted): PostgresTranslation {
  if ('MergeStmt' in statement) checkMerge(statement.MergeStmt, lifted.removeDuplicates);
  const node = transformStatement(statement);
  if ('SelectStmt' in node) return postgres('select', [writeSql(node)], true);
  if ('InsertStmt' in node) return postgres('insert', [writeSql(node)]);
  if ('UpdateStmt' in node) return writing('update', [writeSql(node)], node.UpdateStmt);
  if ('DeleteStmt' in node) return writing('delete', [writeSql(node)], node.DeleteStmt);
  if ('MergeStmt' in node) return merge(node.MergeStmt, lifted);
  if ('CreateStmt' in node) return postgres('create_table', createTable(node.CreateStmt, lifted.storage));
  if ('CreateTableAsStmt' in node)
    return postgres('create_table', createTableAs(node.CreateTableAsStmt, lifted.storage));
  if ('CreateSchemaStmt' in node) return createSchema(node);
  if ('ViewStmt' in node) return postgres('create_view', [writeSql(node)]);
  if ('DropStmt' in node) return drop(node.DropStmt);
  if ('AlterTableStmt' in node) {
    const { sql, refusesTransactionBlock } = alterTable(node.AlterTableStmt, lifted.storage);
    return { ...postgres('alter', sql), refusesTransactionBlock };
  }
  if ('RenameStmt' in node) {
    if (node.RenameStmt.renameType !== 'OBJECT_TABLE' && node.RenameStmt.renameType !== 'OBJECT_COLUMN') {
      throw notSupported('only tables and columns can be renamed');
    }
    return postgres('alter', [writeSql(node)]);
  }
  if ('LockStmt' in node) return lock(node.LockStmt);
  if ('TruncateStmt' in node) return truncate(node.TruncateStmt);
  if ('CommentStmt' in node) return comment(node.CommentStmt);
  if ('ExplainStmt' in node) return explain(node);
  throw notSupported(`${kindOf(node).replace('Stmt', '')} statements are not run by the local stand-in`);
}

function merge(statement: MergeStmt, lifted: Lifted): PostgresTranslation {
  const sql = lifted.removeDuplicates ? replaceDuplicates(statement) : [writeSql({ MergeStmt: statement })];
  return writing('merge', sql, statement);
}

function writing(
  command: 'update' | 'delete' | 'merge',
  sql: readonly string[],
  { relation }: UpdateStmt | DeleteStmt | MergeStmt,
): PostgresTranslation {
  const table = { ...relation };
  // LOCK takes no alias.
  delete table.alias;
  return { ...postgres(command, sql), writesTo: writeSql({ RangeVar: table }) };
}

function createSchema(node: Extract<Node, { CreateSchemaStmt: unknown }>): PostgresTranslation {
  const { schemaname } = node.CreateSchemaStmt;
  if (schemaname?.startsWith('pg_') === true || schemaname?.startsWith('redshift_') === true) {
    throw new RedshiftError('42939', `unacceptable schema name "${schemaname}"`);
  }
  return postgres('create_schema', [writeSql(node)]);
}

const droppable = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_SCHEMA']);

function drop(statement: DropStmt): PostgresTranslation {
  if (!droppable.has(statement.removeType ?? '')) {
    throw notSupported(`DROP ${(statement.removeType ?? '').replace('OBJECT_', '')} is not supported`);
  }
  return postgres('drop', [writeSql({ DropStmt: statement })]);
}

/** Redshift docs, COMMENT. */
const commentable = new Set(
  ['TABLE', 'COLUMN', 'TABCONSTRAINT', 'DATABASE', 'VIEW', 'SCHEMA'].map((kind) => `OBJECT_${kind}`),
);

function comment(statement: CommentStmt): PostgresTranslation {
  if (!commentable.has(statement.objtype ?? '')) {
    throw notSupported(`COMMENT ON ${(statement.objtype ?? '').replace('OBJECT_', '')} is not supported`);
  }
  return postgres('comment', [writeSql({ CommentStmt: statement })]);
}

/** Only ACCESS EXCLUSIVE exists, and it blocks readers too (Redshift docs, LOCK). */
function lock(statement: LockStmt): PostgresTranslation {
  return postgres('lock', [writeSql({ LockStmt: statement })]);
}

function truncate(statement: TruncateStmt): PostgresTranslation {
  if ((statement.relations ?? []).length !== 1) throw notSupported('TRUNCATE takes one table');
  if (statement.behavior === 'DROP_CASCADE') throw notSupported('TRUNCATE takes no CASCADE');
  return { ...postgres('truncate', [writeSql({ TruncateStmt: statement })]), commitsTransaction: true };
}

function explain(node: Extract<Node, { ExplainStmt: unknown }>): PostgresTranslation {
  const { query, options } = node.ExplainStmt;
  for (const option of options ?? []) {
    if (!('DefElem' in option) || option.DefElem.defname !== 'verbose')
      throw notSupported('EXPLAIN takes only VERBOSE');
  }
  if (query === undefined || !['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt'].includes(kindOf(query))) {
    throw notSupported('EXPLAIN of this statement is not run by the local stand-in');
  }
  return postgres('explain', [`EXPLAIN ${writeSql(query)}`], true);
}
