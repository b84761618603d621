export type PostgresTranslation = {
  readonly kind: 'postgres';
  readonly command: Command;
  /** PostgreSQL statements that run in order; the last one gives the rows or the row count. Empty: nothing to do. */
  readonly sql: readonly string[];
  readonly returnsRows: boolean;
  /** TRUNCATE commits the open transaction. */
  readonly commitsTransaction: boolean;
  /** Redshift's refusal when the statement stands in a transaction block; `null` when it may. */
  readonly refusesTransactionBlock: string | null;
  /** Schemas without which Redshift refuses the statement (SET search_path). */
  readonly requiresSchemas: readonly string[];
};

/** What a statement of Redshift SQL means on the stand-in. */
export type Translation =
  | PostgresTranslation
  | { readonly kind: 'transaction'; readonly command: 'begin' | 'commit' | 'rollback' }
  /** COPY has a grammar of its own and is read from the text as it came. */
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
    commitsTransaction: false,
    refusesTransactionBlock: null,
    requiresSchemas: [],
  };
}
