import { RedshiftError } from '../errors/redshift-error.ts';

type PostgresError = {
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly table?: string;
};

/**
 * Redshift's text for a failure of PostgreSQL (SQLSTATE stays where Redshift's is not known to differ). Everything
 * without a separate case keeps PostgreSQL's words, which Redshift mostly shares.
 */
export function toRedshiftError(cause: unknown): RedshiftError {
  if (cause instanceof RedshiftError) return cause;
  if (!(cause instanceof Error)) return new RedshiftError('XX000', String(cause), { cause });
  const error = cause as PostgresError;
  const make = (sqlState: string, message: string, detail: string | null = null): RedshiftError =>
    new RedshiftError(sqlState, message, { detail, cause });
  switch (error.code ?? '') {
    case '23502':
      return make('23502', `Cannot insert a NULL value into column ${error.column ?? ''}`);
    case '23514': {
      const tooLong = error.constraint?.startsWith('redshift_bytes_') === true;
      return tooLong ? make('22001', 'value too long for type character varying') : make('23514', error.message);
    }
    case '40001':
      return make(
        'XX000',
        '1023',
        `Serializable isolation violation on table - ${error.table ?? 'unknown'}, transactions forming the cycle are: unknown`,
      );
    case '40P01':
      return make('40P01', 'deadlock detected', error.detail ?? null);
    case '21000':
      return /MERGE command cannot affect row a second time/.test(error.message)
        ? make('XX000', 'Found multiple matches to update the same tuple.')
        : make('21000', error.message);
    case '2BP01':
      // Redshift names the dependent objects in notices, which the Data API does not show.
      return new RedshiftError('2BP01', withoutOwnSchema(error.message).replace(/^role /, 'user '), {
        hint: error.hint ?? null,
        cause,
      });
    case '428C9':
      return make('0A000', `cannot set an identity column to a value`);
    case '57014':
      return /statement timeout/.test(error.message)
        ? make('57014', 'Query cancelled because of statement timeout')
        : make('57014', "Query cancelled on user's request");
    case '22P02': {
      const [, type = '', value = ''] =
        /^invalid input syntax for type (smallint|integer|bigint): "(.*)"$/s.exec(error.message) ?? [];
      // STRTOL writes 0x before the digits.
      if (/^0x/.test(value))
        return make('22P02', `The input ${value.slice(2)} is not valid to be converted to base 16`);
      return make('22P02', type === '' ? error.message : invalidDigit(type, value));
    }
    case '22012':
      return make('22012', 'Divide by zero');
    case '22003':
      return make('22003', /^numeric field overflow/.test(error.message) ? 'Numeric data overflow' : error.message);
    case '42501':
      return make('42501', privilegeText(error.message));
    case '42704':
    case '42710':
      return make(error.code ?? '', error.message.replace(/^role /, 'user '));
    case '42883':
      return make('42883', withoutOwnSchema(error.message), error.detail ?? null);
    default:
      return make(error.code ?? 'XX000', withoutOwnSchema(error.message), error.detail ?? null);
  }
}

/** As the compute nodes write it, and the load errors reference (1207). */
function invalidDigit(type: string, value: string): string {
  const at = value.search(/[^0-9+-]/);
  const name = { smallint: 'Short', integer: 'Integer' }[type] ?? 'Long';
  return `Invalid digit, Value '${value.charAt(Math.max(0, at))}', Pos ${Math.max(0, at)}, Type: ${name}`;
}

/** PostgreSQL 8 called every kind of table a relation, and roles users. */
function privilegeText(message: string): string {
  return withoutOwnSchema(message)
    .replace(/^permission denied for (?:table|view|sequence) /, 'permission denied for relation ')
    .replace(/^must be owner of (?:table|view) /, 'must be owner of relation ')
    .replace(/^permission denied to (create|drop|alter) role$/, 'must be superuser to $1 users');
}

/** Names of the stand-in's own schema mean nothing to the person who wrote the statement. */
function withoutOwnSchema(message: string): string {
  return message.replaceAll('redshift_compat.', '').replaceAll('pg_catalog.', '');
}
