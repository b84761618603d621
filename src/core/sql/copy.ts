import { IngestError } from '../errors.ts';
import { quoteText } from './sql-literal.ts';

/**
 * A COPY of JSON lines from S3. Options that would lose or change rows (TRUNCATECOLUMNS, ACCEPTINVCHARS, MAXERROR,
 * IGNOREALLERRORS) cannot be expressed.
 */
export type CopyStatement = {
  /** A temporary table or a table of the service, unqualified. */
  readonly table: string;
  /** `s3://bucket/key`: of a manifest of gzip parts, or of one object that is not compressed. */
  readonly from: string;
  readonly isParts: boolean;
  readonly roleArn: string;
};

/**
 * The text of a COPY (Redshift docs, "COPY": authorization first, then any order).
 *
 * @throws IngestError `config_invalid` when a name cannot be written safely or an option would lose rows.
 */
export function copyText(copy: CopyStatement): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(copy.table)) throw refused(`"${copy.table}" is not a valid table name`);
  if (!/^s3:\/\/[^/]+\/./.test(copy.from)) throw refused(`"${copy.from}" is not s3://bucket/key`);
  return [
    `copy ${copy.table}`,
    `from ${quoteText(copy.from)}`,
    `iam_role ${quoteText(copy.roleArn)}`,
    ...(copy.isParts ? ['manifest', 'gzip'] : []),
    "format as json 'auto'",
    "timeformat 'epochmillisecs'",
    // A staging table is empty: without this COPY would choose its encodings each time. COPY gathers statistics of an empty table,
    // which the joins with the ledger need.
    'compupdate off',
  ].join('\n');
}

function refused(what: string): IngestError {
  return new IngestError('config_invalid', `Cannot build COPY: ${what}.`);
}
