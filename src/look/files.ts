import { objectId, storableKey } from '../core/loading/ledger.ts';
import type { Row } from '../core/ports.ts';
import type { SqlValue } from '../core/sql/sql-literal.ts';
import { sqlForeignText, sqlInteger, sqlText, sqlTimestamp } from '../core/sql/sql-literal.ts';
import type { Looking } from './ask.ts';
import { ask, numberOf, textOf, timeOrNull } from './ask.ts';
import { ROW_TEXT_CHARACTERS } from './history.ts';
import type { BatchEntry, FileEntry, OpenEntry, RejectedEntry } from './ledger-rows.ts';
import { batchEntry, fileEntry, openEntry, rejectedEntry } from './ledger-rows.ts';

/** Which files to list. */
export type FileRange = { readonly prefix: string; readonly sinceMs: number; readonly max: number };

function rangeValues({ max, prefix, sinceMs }: FileRange): Readonly<Record<string, SqlValue>> {
  const stored = storableKey(prefix);
  return {
    since: sqlTimestamp(sinceMs),
    prefix: sqlForeignText(stored),
    prefix_length: sqlInteger(Array.from(stored).length),
    most: sqlInteger(max),
  };
}

/** The entries of the ledger, the newest first. @throws IngestError as the warehouse gives it. */
export async function readFiles(looking: Looking, range: FileRange): Promise<readonly FileEntry[]> {
  const { files } = await ask(looking, { files: { file: '52_files.sql', values: rangeValues(range) } });
  return files.map(fileEntry);
}

/** The objects that a person should look at. @throws IngestError as the warehouse gives it. */
export async function readOpen(looking: Looking, range: FileRange): Promise<readonly OpenEntry[]> {
  const { open } = await ask(looking, { open: { file: '30_open.sql', values: rangeValues(range) } });
  return open.map(openEntry);
}

/** Rejected rows, the newest first. @throws IngestError as the warehouse gives it. */
export async function readRejected(looking: Looking, range: FileRange): Promise<readonly RejectedEntry[]> {
  const values = { ...rangeValues(range), text_length: sqlInteger(ROW_TEXT_CHARACTERS) };
  const { rejected } = await ask(looking, { rejected: { file: '62_rejected.sql', values } });
  return rejected.map(rejectedEntry);
}

/** The version of an object whose rows are in the star, or that was removed or retracted last. */
type LiveObject = {
  readonly status: string;
  readonly etag: string;
  readonly lastModified: string | null;
  /** Of a log its plays and users, also those that rows of other objects replace; of a song file its songs. */
  readonly rows: number;
  readonly batchId: string;
  readonly firstEventAt: string | null;
  readonly lastEventAt: string | null;
};

/** All that the ledger has about one object. */
export type FileHistory = {
  readonly bucket: string;
  readonly key: string;
  readonly live: LiveObject | null;
  /** The batch of the live version. */
  readonly batch: BatchEntry | null;
  /** The entries of all its versions, the newest first. */
  readonly versions: readonly FileEntry[];
  readonly rejected: readonly RejectedEntry[];
};

/** One object with all its versions. @throws IngestError as the warehouse gives it. */
export async function readFile(
  looking: Looking,
  object: { readonly bucket: string; readonly key: string },
  max: number,
): Promise<FileHistory> {
  const id = { object_id: sqlText(objectId(object)) };
  const most = { most: sqlInteger(max) };
  const place = { bucket: sqlForeignText(object.bucket), object_key: sqlForeignText(storableKey(object.key)) };
  const answers = await ask(looking, {
    live: { file: '56_live_object.sql', values: id },
    versions: { file: '50_versions.sql', values: { ...id, ...most } },
    rejected: {
      file: '60_rejected_of_object.sql',
      values: { ...place, ...most, text_length: sqlInteger(ROW_TEXT_CHARACTERS) },
    },
  });
  const live = answers.live.map(liveObject)[0] ?? null;
  return {
    ...object,
    live,
    batch: live === null ? null : await batchOf(looking, live.batchId),
    versions: answers.versions.map(fileEntry),
    rejected: answers.rejected.map(rejectedEntry),
  };
}

/** The batch of this id; `null` when the ledger does not have it. */
export async function batchOf(looking: Looking, batchId: string): Promise<BatchEntry | null> {
  const values = { batch_id: sqlForeignText(batchId) };
  const { batches } = await ask(looking, { batches: { file: '22_batch.sql', values } });
  return batches.map(batchEntry)[0] ?? null;
}

function liveObject(row: Row): LiveObject {
  return {
    status: textOf(row, 'status'),
    etag: textOf(row, 'etag'),
    lastModified: timeOrNull(row, 'last_modified'),
    rows: numberOf(row, 'rows_kept'),
    batchId: textOf(row, 'batch_id'),
    firstEventAt: timeOrNull(row, 'first_event_at'),
    lastEventAt: timeOrNull(row, 'last_event_at'),
  };
}
