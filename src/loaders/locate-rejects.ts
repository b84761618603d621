import type { CopyStatement } from '../core/copy.ts';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import { cutToBytes, objectId, storableKey } from '../core/ledger.ts';
import { rejectedHashesPlan } from '../core/load-plan.ts';
import { createLogRowHash } from '../core/log-row-hash.ts';
import type { Row } from '../core/ports.ts';
import { splitJson } from '../core/split-json.ts';
import { inTurns } from './in-turns.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import { readLogFiles } from './read-log-files.ts';
import type { Prepared } from './staging-source.ts';

/** Characters, at some 20 million a second: a batch with bad rows takes a few seconds longer at most. */
const SEARCHED_LENGTH = 64 * 1024 * 1024;
/** A few seconds' worth. A log of ordinary rows reaches the bound in bytes first. */
const ROWS_LOOKED_AT = 250_000;
/** Of the texts that are kept; together they go into one file that COPY reads. */
const FOUND_BYTES = 16 * 1024 * 1024;
/** Of one text: what `rejected_rows.row_text` takes. */
const ROW_TEXT_BYTES = 65_535;

/**
 * Looks up where the rejected rows of a batch of logs stand: object, line and the text itself. COPY cannot tell, and
 * keeps only the keys it knows. Bounded in bytes read and kept; a row that is not found (a huge file, an object that was
 * replaced meanwhile, no permission to read) is published without its place.
 *
 * @returns the COPY of the places into `batch_reject_places`; `null` when nothing was found.
 */
export async function locateRejects(context: LoadContext, prepared: Prepared): Promise<CopyStatement | null> {
  const { settings, signal, store, work } = context;
  if (settings.rejectedRowsMax === 0) return null;
  const { rows } = await runPlan(context, 'rejects', rejectedHashesPlan());
  const search = new RejectSearch(rows, settings.rejectedRowsMax);
  const files = prepared.uris.flatMap((uri) => prepared.locate(uri, 1).slice(0, 1)).map(({ file }) => file);
  await searchFiles(context, search, files);
  const body = search.body();
  if (body === '') return null;
  await store.put({ bucket: work.bucket, key: work.rejectsKey, body, contentType: 'application/json', signal });
  return copyInto('batch_reject_places', context, { key: work.rejectsKey, isManifest: false });
}

async function searchFiles(context: LoadContext, search: RejectSearch, files: readonly FileEvent[]): Promise<void> {
  let lengthLeft = SEARCHED_LENGTH;
  try {
    for await (const { source, log } of readLogFiles(context, files, (file) => file)) {
      if (log.kind === 'text') {
        await search.look(source, log.text);
        lengthLeft -= log.text.length;
      }
      if (lengthLeft <= 0 || search.isOver()) return;
    }
  } catch (error) {
    // The service may be allowed to read songs only: Redshift reads the logs. The rows are kept all the same.
    if (!(error instanceof IngestError) || error.code !== 'access_denied') throw error;
  }
}

/** What is still looked for, and what was found. */
class RejectSearch {
  readonly #wanted: ReadonlySet<string>;
  readonly #maxPerFile: number;
  /** Several files may hold the same rows; which are kept in the end, the warehouse decides file by file. */
  readonly #maxFound: number;
  readonly #hash = createLogRowHash();
  readonly #lines: string[] = [];
  #toFind: number;
  #toLookAt = ROWS_LOOKED_AT;
  #bytes = 0;

  constructor(rows: readonly Row[], max: number) {
    this.#wanted = new Set(rows.map((row) => String(row['row_hash'])));
    this.#toFind = rows.reduce((sum, row) => sum + Number(row['occurrences']), 0);
    this.#maxPerFile = max;
    this.#maxFound = 4 * max;
  }

  isOver(): boolean {
    return (
      this.#toFind <= 0 || this.#toLookAt <= 0 || this.#lines.length >= this.#maxFound || this.#bytes >= FOUND_BYTES
    );
  }

  async look(file: FileEvent, text: string): Promise<void> {
    const stamp = { object_id: objectId(file), bucket: file.bucket, object_key: storableKey(file.key) };
    const seen = new Set<string>();
    for await (const object of inTurns(splitJson(text))) {
      // The file is another one by now than COPY read.
      if (object.kind === 'broken') return;
      if (this.isOver() || seen.size >= this.#maxPerFile) return;
      this.#toLookAt -= 1;
      const row_hash = this.#hash(object.text);
      if (row_hash === null || !this.#wanted.has(row_hash)) continue;
      this.#toFind -= 1;
      const place = `${row_hash} ${object.lineNumber}`;
      if (seen.has(place)) continue;
      seen.add(place);
      this.#add({
        row_hash,
        ...stamp,
        line_number: object.lineNumber,
        row_text: cutToBytes(object.text, ROW_TEXT_BYTES),
      });
    }
  }

  #add(place: object): void {
    const line = `${JSON.stringify(place)}\n`;
    this.#lines.push(line);
    this.#bytes += line.length;
  }

  body(): string {
    return this.#lines.join('');
  }
}
