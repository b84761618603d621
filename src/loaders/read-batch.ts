import pLimit from 'p-limit';
import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import type { TimeRange } from '../core/load-plan.ts';
import { s3Uri } from '../core/manifest.ts';
import type { ObjectVersion } from '../core/ports.ts';
import { compareSequencers } from '../core/sequencer.ts';
import { UnreadableContent } from '../reader/unreadable-content.ts';
import { readPieces } from '../reader/read-pieces.ts';
import type { RowMaker, RowSource } from './batch-rows.ts';
import { widened } from './batch-rows.ts';
import { KeptRejects } from './kept-rejects.ts';
import type { LoadContext } from './load-context.ts';
import { PartWriter, partLine } from './part-writer.ts';

/** S3 answers a small object in 10–30 ms, so this is over a thousand objects a second. */
const READS_AT_ONCE = 16;
/** Lines of one object that wait for its end, so that an object that cannot be read to its end leaves nothing behind. */
const WAITING_CHARACTERS = 1024 * 1024;
/** What an archive may unpack to: `PLUS` bytes and `TIMES` its own. JSON packs to a twentieth, zeros to a thousandth. */
const UNPACKED = { plus: 64 * 1024 * 1024, times: 200 };

/** What was read of a batch's files, written to parts. */
export type ReadBatch = {
  readonly outcomes: readonly FileOutcome[];
  readonly partUris: readonly string[];
  /** JSON objects and malformed stretches of the files that were read. */
  readonly rows: number;
  readonly rejected: number;
  /** Of plays. */
  readonly starts: TimeRange | null;
  /** Files that could not be read to their end after some of their rows were in a part. */
  readonly forgotten: readonly number[];
};

/**
 * Reads the files of a batch and writes their rows to parts. Two notices of one object are one look at what is there now. An
 * object that cannot be read is set aside with a reason, and the others are read.
 *
 * @throws IngestError when it is not the object that cannot be read.
 */
export async function readBatch(
  context: LoadContext,
  files: readonly NumberedFile[],
  maker: RowMaker,
): Promise<ReadBatch> {
  const { signal, store, work } = context;
  const parts = new PartWriter({ store, bucket: work.bucket, keyOf: work.partKey, signal });
  const reading = new BatchReading(context, { parts, maker });
  const limit = pLimit(READS_AT_ONCE);
  const reads = objectsOf(files).map((object) => limit(async () => await reading.read(object)));
  // All reads end before an error is thrown: nothing goes on behind the caller's back.
  const ends = await Promise.allSettled(reads);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  await parts.end();
  return { ...reading.result, partUris: parts.uris };
}

/** One object and all notices of it. `newest` has the greatest sequencer. */
type ObjectOfBatch = { readonly newest: NumberedFile; readonly all: readonly NumberedFile[] };

function objectsOf(files: readonly NumberedFile[]): readonly ObjectOfBatch[] {
  const objects = new Map<string, ObjectOfBatch>();
  for (const numbered of files) {
    const uri = s3Uri(numbered.file);
    const known = objects.get(uri);
    const all = [...(known?.all ?? []), numbered];
    objects.set(uri, { newest: known === undefined ? numbered : newer(known.newest, numbered), all });
  }
  return [...objects.values()];
}

function newer(a: NumberedFile, b: NumberedFile): NumberedFile {
  return compareSequencers(a.file.sequencer ?? '', b.file.sequencer ?? '') < 0 ? b : a;
}

type Saying = Omit<FileOutcome, 'fileNumber'>;

const NOTHING = { errorCode: null, reason: null, lineNumber: null, columnName: null };
const GONE: Saying = { ...NOTHING, status: 'missing', reason: 'the object is gone', version: null };

class BatchReading {
  readonly #context: LoadContext;
  readonly #parts: PartWriter;
  readonly #maker: RowMaker;
  readonly #rejects: KeptRejects;
  readonly #outcomes: FileOutcome[] = [];
  readonly #forgotten: number[] = [];
  #rows = 0;
  #rejected = 0;
  #starts: TimeRange | null = null;

  constructor(context: LoadContext, { parts, maker }: { parts: PartWriter; maker: RowMaker }) {
    this.#context = context;
    this.#parts = parts;
    this.#maker = maker;
    this.#rejects = new KeptRejects(context.settings.rejectedRowsMax);
  }

  get result(): Omit<ReadBatch, 'partUris'> {
    return {
      outcomes: this.#outcomes.toSorted((a, b) => a.fileNumber - b.fileNumber),
      rows: this.#rows,
      rejected: this.#rejected,
      starts: this.#starts,
      forgotten: this.#forgotten,
    };
  }

  async read({ all, newest }: ObjectOfBatch): Promise<void> {
    const saying = await this.#look(newest);
    for (const { fileNumber } of all) this.#outcomes.push({ fileNumber, ...saying });
  }

  async #look(file: NumberedFile): Promise<Saying> {
    const { signal, store } = this.#context;
    const { bucket, key } = file.file;
    const object = await store.open({ bucket, key, signal });
    if (object === null) return GONE;
    const { body, etag, lastModifiedMs, size } = object;
    const version: ObjectVersion = { etag, lastModifiedMs, size };
    try {
      await this.#take(new FileRows(this.#parts), body, { file, version });
      return { ...NOTHING, status: 'loaded', version };
    } catch (error) {
      if (!(error instanceof UnreadableContent)) throw error;
      return { ...NOTHING, status: 'quarantined', errorCode: error.code, reason: error.message, version };
    } finally {
      object.close();
    }
  }

  /** @throws UnreadableContent, and what the body throws; then nothing of the file counts. */
  async #take(rows: FileRows, body: AsyncIterable<Uint8Array>, source: RowSource): Promise<void> {
    const counted = { rows: 0, rejected: 0, starts: this.#starts };
    const maxBytes = UNPACKED.plus + UNPACKED.times * source.version.size;
    try {
      for await (const pieces of readPieces(body, { maxBytes })) {
        for (const piece of pieces) {
          const made = this.#maker.make(piece, source);
          counted.rows += 1;
          if (made.kind === 'row') {
            rows.add(partLine(made.row));
            counted.starts = widened(counted.starts, made.startMs);
          } else if (made.kind === 'rejected') {
            counted.rejected += 1;
            if (this.#rejects.takes(source.file.fileNumber, `${made.column} ${made.reason}`)) {
              const line = partLine(made.row());
              this.#rejects.add(line);
              rows.add(line);
            }
          }
        }
        await rows.perhapsWrite();
      }
    } catch (error) {
      if (rows.areWritten) this.#forgotten.push(source.file.fileNumber);
      throw error;
    }
    const empty = counted.rows === counted.rejected ? this.#maker.emptyFile(source) : null;
    if (empty !== null) rows.add(partLine(empty));
    await rows.write();
    this.#rows += counted.rows;
    this.#rejected += counted.rejected;
    this.#starts = union(this.#starts, counted.starts);
  }
}

/** The lines of one file, which go into the parts together, unless there are too many to wait. */
class FileRows {
  readonly #parts: PartWriter;
  #lines: string[] = [];
  #characters = 0;
  areWritten = false;

  constructor(parts: PartWriter) {
    this.#parts = parts;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length;
  }

  async perhapsWrite(): Promise<void> {
    if (this.#characters < WAITING_CHARACTERS) return;
    this.areWritten = true;
    await this.write();
  }

  async write(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    this.#characters = 0;
    await this.#parts.add(lines);
  }
}

function union(a: TimeRange | null, b: TimeRange | null): TimeRange | null {
  if (a === null || b === null) return a ?? b;
  return { minMs: Math.min(a.minMs, b.minMs), maxMs: Math.max(a.maxMs, b.maxMs) };
}
