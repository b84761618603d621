export type PostgresTranslation = {
  readonly kind: 'postgres';
  readonly command: Command;
  /** PostgreSQL statements that run in order; the last one gives the rows or the row count. Empty: nothing to do. */
  readonly sql: readonly string[];
  readonly returnsRows: boolean;
  /** The name of the table that UPDATE, DELETE or MERGE writes to; `null` for other statements. */
  readonly writesTo: string | null;
  /** TRUNCATE commits the open transaction. */
  readonly commitsTransaction: boolean;
  /** Redshift's refusal when the statement stands in a transaction block; `null` when it may. */
  readonly refusesTransactionBlock: string | null;
  /** Schemas without which Redshift refuses the statement (SET search_path). */
  readonly requiresSchemas: readonly string[];
};

/** A statement of Redshift SQL, translated for the stand-in. */
export type Translation =
  | PostgresTranslation
  | { readonly kind: 'transaction'; readonly command: 'begin' | 'commit' | 'rollback' }
  /** COPY has its own grammar and is parsed from the original text. */
  | { readonly kind: 'copy' };

export type Command =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'merge'
  | 'create_table'
  | 'create_schema'
  | 'create_view'
  | 'create_user'
  | 'drop'
  | 'alter'
  | 'lock'
  | 'truncate'
  | 'set'
  | 'show'
  | 'explain'
  | 'grant'
  | 'comment'
  | 'analyze'
  | 'vacuum';

export function postgres(command: Command, sql: readonly string[], returnsRows = false): PostgresTranslation {
  return {
    kind: 'postgres',
    command,
    sql,
    returnsRows,
    writesTo: null,
    commitsTransaction: false,
    refusesTransactionBlock: null,
    requiresSchemas: [],
  };
}
