import { qualityChecks, qualitySteps } from './quality.ts';
import { askInSchema } from '../sql/ask-in-schema.ts';
import type { QualityCheck } from './quality.ts';
import type { VerifyInput } from './verify-input.ts';

/** An object whose rows are not those of its load. */
type DifferingObject = {
  readonly key: string;
  /** As in `ingest_objects`; `unknown` when the ledger lacks the object. */
  readonly status: string;
  /** The number of rows in the ledger. */
  readonly rowsKept: number;
  /** Rows of the warehouse minus rows of the ledger; 0 when only the values differ. */
  readonly rowsMore: number;
};

export type QuickReport = {
  readonly consistent: boolean;
  /** Objects and rows in the ledger. */
  readonly objects: number;
  readonly rows: number;
  readonly differingObjects: number;
  /** The first 10,000 by key. */
  readonly differences: readonly DifferingObject[];
  readonly quality: readonly QualityCheck[];
};

/**
 * Compares the rows of each object, by number and checksum, with the ledger, and checks the quality of the data. Reads only the
 * warehouse, in one transaction, and writes nothing.
 *
 * @throws IngestError as the warehouse gives it.
 */
export async function runQuickVerify(
  input: Pick<VerifyInput, 'warehouse' | 'library' | 'schema' | 'runId' | 'signal'>,
): Promise<QuickReport> {
  const { library, runId, schema, signal, warehouse } = input;
  const script = {
    name: 'verify-quick',
    schema,
    steps: [
      { statements: library.fill(['verify/quick/10_objects.sql'], {}), answer: 'objects' },
      { statements: library.fill(['verify/quick/20_totals.sql'], {}), answer: 'totals' },
      ...qualitySteps(library),
    ],
  };
  const result = await askInSchema<string>(warehouse.openSession(), script, { token: `verify-${runId}-quick`, signal });
  const rows = result.rowsOf('objects');
  const [totals] = result.rowsOf('totals');
  return {
    consistent: rows.length === 0,
    objects: Number(totals?.['objects'] ?? 0),
    rows: Number(totals?.['rows_kept'] ?? 0),
    differingObjects: Number(rows[0]?.['differing'] ?? 0),
    differences: rows.map((row) => ({
      key: String(row['object_key']),
      status: String(row['status']),
      rowsKept: Number(row['rows_kept']),
      rowsMore: Number(row['rows_more']),
    })),
    quality: qualityChecks(library, result),
  };
}
