import { RedshiftError } from '../../errors/redshift-error.ts';
import { CopyCursor } from './copy-cursor.ts';
import type { CopyDraft } from './copy-options.ts';
import { emptyDraft, takeOption } from './copy-options.ts';
import type { ConversionOptions, CopyStatement, S3Location } from './copy-statement.ts';
import { parseS3Url } from './s3-location.ts';

/**
 * Parses `COPY table [(columns)] FROM 's3://…' authorization [options]` (Redshift docs, COPY). Options may stand in any
 * order, with or without commas.
 *
 * @throws RedshiftError 42601 for anything but a COPY with known options, 0A000 for formats and sources that only Redshift
 *   has, 22023 for a value out of its range.
 */
export function parseCopy(sql: string): CopyStatement {
  const cursor = new CopyCursor(sql);
  cursor.expectWord('copy');
  const target = parseTarget(cursor);
  cursor.expectWord('from');
  const source = parseSource(cursor.expectString("'s3://bucket/prefix-or-manifest'"));
  const draft = emptyDraft();
  while (cursor.peek().kind !== 'end' && !cursor.takeSymbol(';')) {
    takeOption(cursor, draft);
    cursor.takeSymbol(',');
  }
  if (cursor.peek().kind !== 'end') cursor.fail('one statement only');
  return finish(target, source, draft);
}

type Target = Pick<CopyStatement, 'schema' | 'table' | 'columns'>;

function parseTarget(cursor: CopyCursor): Target {
  const first = cursor.expectIdentifier('a table name');
  const second = cursor.takeSymbol('.') ? cursor.expectIdentifier('a table name') : null;
  return {
    schema: second === null ? null : first,
    table: second ?? first,
    columns: cursor.takeSymbol('(') ? parseColumns(cursor) : null,
  };
}

function parseColumns(cursor: CopyCursor): readonly string[] {
  const columns: string[] = [];
  do {
    const column = cursor.expectIdentifier('a column name');
    if (columns.includes(column)) {
      throw new RedshiftError('42701', `column "${column}" specified more than once`);
    }
    columns.push(column);
  } while (cursor.takeSymbol(','));
  if (!cursor.takeSymbol(')')) cursor.fail('")" or ","');
  return columns;
}

function parseSource(url: string): S3Location {
  const scheme = /^(emr|ssh|dynamodb):\/\//i.exec(url)?.[1];
  if (scheme !== undefined) {
    throw new RedshiftError('0A000', `COPY from ${scheme}:// is not supported here; supported: s3://`);
  }
  return parseS3Url(url);
}

function finish(target: Target, source: S3Location, draft: CopyDraft): CopyStatement {
  if (draft.authorization === null) {
    throw new RedshiftError('42601', 'CREDENTIALS argument is required but not supplied.', {
      detail: "Name a role: IAM_ROLE 'arn:aws:iam::<account>:role/<name>'.",
    });
  }
  if (draft.json === null) {
    throw new RedshiftError(
      '0A000',
      "COPY without FORMAT JSON is not supported here; supported: JSON 'auto', 'auto ignorecase', 'noshred' and JSONPaths",
    );
  }
  if (draft.maxError !== null && draft.ignoreAllErrors) {
    throw new RedshiftError('42601', 'MAXERROR and IGNOREALLERRORS cannot be used together');
  }
  return {
    ...target,
    source,
    manifest: draft.seen.has('manifest'),
    roleArns: draft.authorization.kind === 'role' ? draft.authorization.arns : null,
    region: draft.region,
    compression: draft.compression,
    encoding: draft.encoding,
    json: draft.json,
    conversion: conversionOf(draft),
    explicitIds: draft.seen.has('explicit_ids'),
    ignoreHeader: draft.ignoreHeader,
    // 0 (the default) and 1 mean the same: the first error ends the load (Redshift docs, MAXERROR).
    failAtErrors: draft.ignoreAllErrors ? null : Math.max(draft.maxError ?? 0, 1),
    noLoad: draft.seen.has('noload'),
  };
}

function conversionOf(draft: CopyDraft): ConversionOptions {
  return {
    acceptAnyDate: draft.seen.has('acceptanydate'),
    acceptInvalidChars: draft.acceptInvalidChars,
    blanksAsNull: draft.seen.has('blanksasnull'),
    emptyAsNull: draft.seen.has('emptyasnull'),
    trimBlanks: draft.seen.has('trimblanks'),
    truncateColumns: draft.seen.has('truncatecolumns'),
    roundDecimals: draft.seen.has('roundec'),
    dateFormat: draft.dateFormat,
    timeFormat: draft.timeFormat,
  };
}
