import { IngestError } from './errors.ts';
import { quoteText } from './sql-literal.ts';

/**
 * A COPY of JSON from S3. What would lose or change rows (TRUNCATECOLUMNS, ACCEPTINVCHARS, IGNOREALLERRORS) cannot be
 * said here at all, and errors are only counted without loading.
 */
export type CopyStatement = {
  /** A table of our own, unqualified. */
  readonly table: string;
  /** `s3://bucket/key`: of a manifest, or of one object. */
  readonly from: string;
  readonly isManifest: boolean;
  readonly roleArn: string;
  /** Where the bucket is, when that is not where the warehouse is. */
  readonly region: string | null;
  /** `auto ignorecase`, or the URI of a JSONPaths file. */
  readonly json: 'auto ignorecase' | `s3://${string}`;
  readonly isGzip: boolean;
  /** `null` loads everything or fails; a number checks without loading and counts up to so many errors (1–100,000). */
  readonly checkUpToErrors: number | null;
};

/** The most that MAXERROR takes (Redshift docs, "Data load operations"). */
export const MAX_ERRORS = 100_000;

/**
 * The text of a COPY (Redshift docs, "COPY": authorization first, then any order).
 *
 * @throws IngestError `config_invalid` when a name cannot be written safely or an option would lose rows.
 */
export function copyText(copy: CopyStatement): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(copy.table)) throw refused(`"${copy.table}" is no table of ours`);
  if (!/^s3:\/\/[^/]+\/./.test(copy.from)) throw refused(`"${copy.from}" is no s3://bucket/key`);
  return [
    `copy ${copy.table}`,
    `from ${quoteText(copy.from)}`,
    `iam_role ${quoteText(copy.roleArn)}`,
    copy.isManifest ? 'manifest' : null,
    copy.region === null ? null : `region ${quoteText(copy.region)}`,
    copy.isGzip ? 'gzip' : null,
    `format as json ${quoteText(copy.json)}`,
    ...checkOptions(copy.checkUpToErrors),
    // A staging table is empty: without these COPY would analyse and re-encode it each time.
    'compupdate off',
    'statupdate off',
  ]
    .filter((part) => part !== null)
    .join('\n');
}

function checkOptions(checkUpToErrors: number | null): readonly string[] {
  if (checkUpToErrors === null) return [];
  if (!Number.isInteger(checkUpToErrors) || checkUpToErrors < 1 || checkUpToErrors > MAX_ERRORS) {
    throw refused(`MAXERROR ${checkUpToErrors} is not between 1 and ${MAX_ERRORS}`);
  }
  return ['noload', `maxerror ${checkUpToErrors}`];
}

function refused(what: string): IngestError {
  return new IngestError('config_invalid', `COPY refused: ${what}.`);
}
