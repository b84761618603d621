import { copyText } from '../core/sql/copy.ts';
import { IngestError } from '../core/errors.ts';
import { manifestBody } from '../core/loading/manifest.ts';
import type { ObjectStore, Row, Value, Warehouse } from '../core/ports.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import { partLine, Parts } from '../loaders/part-writer.ts';
import { runScript } from '../sql/run-script.ts';

type CheckedColumn = {
  readonly column: string;
  readonly type: string;
  /** The value in the part; `undefined`: the key is absent. */
  readonly written: string | undefined;
  /** The column as text, if the Data API would round it. */
  readonly select?: string;
  readonly expected: Value;
  /** What a wrong value would do to the star. */
  readonly otherwise: string;
};

/** Quotation mark, backslash, newline, tab, a control character, two bytes and four bytes. */
const ESCAPES = '"\\\n\t\u0007é🎵';

/** A value for each rule of COPY that loads rely on. */
const CHECKED: readonly CheckedColumn[] = [
  {
    column: 'bigint_digits',
    type: 'bigint',
    written: '9223372036854775807',
    select: 'cast(bigint_digits as varchar(20))',
    expected: '9223372036854775807',
    otherwise: 'events would get the ids of other users and sessions',
  },
  {
    column: 'decimal_digits',
    type: 'decimal(10, 5)',
    // The nearest double is smaller; truncated to five decimals it is another number.
    written: '99999.99999',
    expected: '99999.99999',
    otherwise: 'plays would not match their songs by length',
  },
  {
    column: 'double_digits',
    type: 'double precision',
    written: '-122.41964',
    expected: -122.41964,
    otherwise: 'artists would have other coordinates',
  },
  {
    column: 'epoch_milliseconds',
    type: 'timestamp',
    written: '1541106106796',
    select: "to_char(epoch_milliseconds, 'YYYY-MM-DD HH24:MI:SS.MS')",
    expected: '2018-11-01 21:01:46.796',
    otherwise: 'plays would have other times',
  },
  {
    column: 'absent_key',
    type: 'varchar(16)',
    written: undefined,
    expected: null,
    otherwise: 'missing values would look like known ones',
  },
  {
    column: 'empty_text',
    type: 'varchar(16)',
    written: '',
    expected: '',
    otherwise: 'empty texts would look like missing ones',
  },
  {
    column: 'escaped_text',
    type: 'varchar(64)',
    written: ESCAPES,
    expected: ESCAPES,
    otherwise: 'names and titles would have other characters',
  },
  {
    column: 'lower_case',
    type: 'varchar(16)',
    written: 'a',
    select: "case when lower_case = 'A' then 'equal to the capital' else lower_case end",
    expected: 'a',
    otherwise: 'songs, artists and titles that differ only by case would be one (the database compares without case)',
  },
];

const TABLE = 'start_up_check';
const CREATE = `create temp table ${TABLE} (${CHECKED.map(({ column, type }) => `${column} ${type}`).join(', ')})`;
const SELECT = `select ${CHECKED.map(({ column, select = column }) => `${select} as ${column}`).join(', ')} from ${TABLE}`;

type CopyCheck = {
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  readonly bucket: string;
  readonly workPrefix: string;
  readonly roleArn: string;
  /** For the keys and the statement's token. */
  readonly runId: string;
};

/**
 * Loads one row as all rows are loaded, through a part, a manifest and COPY into a temporary table, and compares the result. The row
 * contains every property of COPY that loads rely on. Only a COPY shows whether the warehouse may use the role.
 *
 * @throws IngestError `copy_changes_values` when the warehouse returns other values or refuses the row.
 */
export async function checkCopy(check: CopyCheck, signal: AbortSignal): Promise<void> {
  const { bucket, runId, store, workPrefix } = check;
  const folder = `${workPrefix}check/${runId}`;
  const manifestKey = `${folder}/manifest.json`;
  const parts = new Parts({ store, bucket, keyOf: (part) => `${folder}/part-${part}.json.gz`, signal });
  try {
    const writer = parts.writer();
    await writer.add([partLine(Object.fromEntries(CHECKED.map(({ column, written }) => [column, written])))]);
    const body = manifestBody(await writer.end());
    await store.put({ bucket, key: manifestKey, body, contentType: 'application/json', signal });
    const sentence = whatDiffers(await copied(check, manifestKey, signal));
    if (sentence !== null) throw changed(sentence);
  } catch (error) {
    // The first error is the one to report.
    await parts.remove({ otherKeys: [manifestKey] }).catch(() => undefined);
    throw error;
  }
  await parts.remove({ otherKeys: [manifestKey] });
}

async function copied(check: CopyCheck, manifestKey: string, signal: AbortSignal): Promise<readonly Row[]> {
  const { bucket, roleArn, runId, warehouse } = check;
  const from = `s3://${bucket}/${manifestKey}`;
  const copy = copyText({ table: TABLE, from, isParts: true, roleArn });
  const session = warehouse.openSession();
  try {
    const steps = [
      { statements: [CREATE, copy, SELECT], answer: 'row' },
      { statements: [`drop table ${TABLE}`] },
    ] as const;
    const script = { name: 'sparkify check', isLasting: false, steps };
    const { rowsOf } = await runScript(session, script, { token: `check-${runId}`, signal });
    return rowsOf('row');
  } catch (error) {
    if (!(error instanceof IngestError) || ERROR_POLICY[error.code].inLoad !== 'halve') throw error;
    throw changed(`COPY refused the row: ${error.message.replace(/\.$/, '')}`, error);
  }
}

/**
 * Compares the loaded row with the written one.
 *
 * @param rows the rows of the table.
 * @returns the differences; `null` when all values are equal.
 */
function whatDiffers(rows: readonly Row[]): string | null {
  const [row] = rows;
  if (row === undefined || rows.length > 1) return `expected 1 row, found ${rows.length}`;
  const differences = CHECKED.flatMap(({ column, expected, otherwise, type }) => {
    const found = row[column] ?? null;
    if (found === expected) return [];
    return [`${column} (${type}): expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)} (${otherwise})`];
  });
  return differences.length === 0 ? null : differences.join('; ');
}

function changed(seen: string, cause?: unknown): IngestError {
  const sentence =
    `COPY in this warehouse changes values: ${seen}. Nothing was loaded. ` +
    'Check that AWS_ENDPOINT_URL_REDSHIFT_DATA, if set, names the Data API of Amazon Redshift; otherwise go back to the previous ' +
    'version of sparkify and report this message.';
  return new IngestError('copy_changes_values', sentence, { cause });
}
