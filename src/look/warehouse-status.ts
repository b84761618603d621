import type { Lane } from '../core/dataset.ts';
import { sqlForeignText, sqlInteger, sqlText, sqlTimestamp } from '../core/sql/sql-literal.ts';
import type { Row } from '../core/ports.ts';
import type { Looking } from './ask.ts';
import { ask, numberOf, textOf, timeOrNull } from './ask.ts';
import type { BatchEntry, OpenEntry } from './ledger-rows.ts';
import { batchEntry, openEntry } from './ledger-rows.ts';

type DatasetStatus = {
  readonly dataset: Lane;
  readonly batches: number;
  /** Objects whose rows are in the star. */
  readonly filesLoaded: number;
  /** Rows of the star that the dataset's batches wrote and that are still there: plays and users; songs and artists. */
  readonly rows: number;
  readonly rowsRejected: number;
  /** Objects that a person should look at: no later version solved it. */
  readonly openQuarantined: number;
  readonly openRejected: number;
  readonly lastPublishedAt: string | null;
};

/** A session that holds the lock of the single writer, or waits for it. */
type LockStatus = {
  readonly pid: number;
  readonly owner: string;
  readonly isGranted: boolean;
  readonly since: string | null;
  /** The SQL that ends the session. */
  readonly endStatement: string;
};

export type WarehouseStatus = {
  readonly askedAtMs: number;
  readonly schema: { readonly name: string; readonly version: number };
  readonly datasets: readonly DatasetStatus[];
  readonly batches: readonly BatchEntry[];
  readonly open: readonly OpenEntry[];
  readonly lock: readonly LockStatus[];
};

const SHOWN_BATCHES = 8;
const SHOWN_OPEN = 10;
const DAYS_OF_BATCHES_MS = 30 * 86_400_000;

/**
 * What the ledger and the warehouse say.
 *
 * @param input.version of the tables; this program's questions need the tables of this program.
 * @throws IngestError as the warehouse gives it.
 */
export async function readWarehouseStatus(
  looking: Looking,
  input: { readonly atMs: number; readonly version: number },
): Promise<WarehouseStatus> {
  const { atMs, version } = input;
  const { tables, totalled } = await ask(looking, {
    tables: { file: '40_lock_table.sql', values: { schema: sqlText(looking.schema) } },
    totalled: { file: '06_totalled.sql' },
  });
  const answers = await ask(looking, {
    totals: totalsSince(totalled[0]),
    batches: {
      file: '20_batches.sql',
      values: { since: sqlTimestamp(atMs - DAYS_OF_BATCHES_MS), most: sqlInteger(SHOWN_BATCHES) },
    },
    open: {
      file: '30_open.sql',
      values: {
        since: sqlTimestamp(0),
        prefix: sqlForeignText(''),
        prefix_length: sqlInteger(0),
        most: sqlInteger(SHOWN_OPEN),
      },
    },
  });
  return {
    askedAtMs: atMs,
    schema: { name: looking.schema, version },
    datasets: answers.totals.map(datasetStatus),
    batches: answers.batches.map(batchEntry),
    open: answers.open.map(openEntry),
    lock: await readLock(looking, tables[0]),
  };
}

/** Only what the ledger counts. @throws IngestError as the warehouse gives it. */
export async function readDatasets(looking: Looking): Promise<readonly DatasetStatus[]> {
  const { totalled } = await ask(looking, { totalled: { file: '06_totalled.sql' } });
  const { totals } = await ask(looking, { totals: totalsSince(totalled[0]) });
  return totals.map(datasetStatus);
}

/** The totals, and the batches that are not in them yet. */
function totalsSince(totalled: Row | undefined) {
  const untilMs = Date.parse(timeOrNull(totalled ?? {}, 'totalled_until') ?? '1970-01-01');
  return { file: '10_totals.sql', values: { totalled_until: sqlTimestamp(untilMs) } };
}

function datasetStatus(row: Row): DatasetStatus {
  return {
    dataset: textOf(row, 'dataset') as Lane,
    batches: numberOf(row, 'batches'),
    filesLoaded: numberOf(row, 'objects'),
    rows: numberOf(row, 'rows_now'),
    rowsRejected: numberOf(row, 'rows_rejected'),
    openQuarantined: numberOf(row, 'open_quarantined'),
    openRejected: numberOf(row, 'open_rejected'),
    lastPublishedAt: timeOrNull(row, 'last_published_at'),
  };
}

async function readLock(looking: Looking, table: Row | undefined): Promise<readonly LockStatus[]> {
  if (table === undefined) return [];
  const id = { table_id: sqlInteger(numberOf(table, 'table_id')) };
  const { lock } = await ask(looking, { lock: { file: '42_lock.sql', values: id } });
  return lock.map((row) => ({
    pid: numberOf(row, 'pid'),
    owner: textOf(row, 'owner'),
    isGranted: numberOf(row, 'is_granted') === 1,
    since: timeOrNull(row, 'since'),
    endStatement: `select pg_terminate_backend(${numberOf(row, 'pid')})`,
  }));
}
