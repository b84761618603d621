import pLimit from 'p-limit';
import { IngestError } from '../core/errors.ts';
import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import type { TimeRange } from '../core/load-plan.ts';
import { s3Uri } from '../core/manifest.ts';
import { tooManyTroubles } from '../core/object-trouble.ts';
import type { OpenObject } from '../core/ports.ts';
import { compareSequencers } from '../core/sequencer.ts';
import { readPieces } from '../reader/read-pieces.ts';
import type { Piece } from '../reader/split-objects.ts';
import { UnreadableContent } from '../reader/unreadable-content.ts';
import type { RowMaker, RowSource } from './batch-rows.ts';
import { widened } from './batch-rows.ts';
import { KeptRejects } from './kept-rejects.ts';
import type { LoadContext, ReadLimits } from './load-context.ts';
import type { ReadTroubles } from './object-troubles.ts';
import type { Parts, PartWriter } from './part-writer.ts';
import { partLine } from './part-writer.ts';

/** What an archive may unpack to: `plus` bytes and `times` its own. JSON packs to a twentieth, zeros to a thousandth. */
const UNPACKED = { plus: 64 * 1024 * 1024, times: 200 };
/** S3 answers a small object in 10–30 ms, so this is over a thousand objects a second. */
const READ_LIMITS: ReadLimits = { readsAtOnce: 16, batchUnpackedBytes: 2 * 1024 * 1024 * 1024 };

/** What was read of a batch's files, written to parts. */
export type ReadBatch = {
  /** In the order of the batch. `unread`: the batch unpacks to more than one batch may have. */
  readonly outcomes: readonly FileOutcome[];
  readonly partUris: readonly string[];
  /** JSON objects and malformed stretches of the files that were read. */
  readonly rows: number;
  readonly rejected: number;
  /** Of plays. */
  readonly starts: TimeRange | null;
};

type Reading = {
  readonly parts: Parts;
  readonly maker: RowMaker;
  readonly troubles: ReadTroubles;
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
  reading: Reading,
): Promise<ReadBatch> {
  const batch = new BatchReading(context, reading);
  const stopped = new AbortController();
  const signal = AbortSignal.any([context.signal, stopped.signal]);
  const limit = pLimit((context.readLimits ?? READ_LIMITS).readsAtOnce);
  const reads = objectsOf(files).map((object) =>
    limit(async () => {
      try {
        await batch.read(object, signal);
      } catch (error) {
        stopped.abort();
        throw error;
      }
    }),
  );
  // All reads end before an error is thrown: nothing goes on behind the caller's back.
  const ends = await Promise.allSettled(reads);
  for (const end of ends) if (end.status === 'rejected' && !isStopped(end.reason)) throw end.reason;
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return await batch.end();
}

function isStopped(error: unknown): boolean {
  return error instanceof IngestError && error.code === 'aborted';
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

const GONE: Saying = { status: 'missing', errorCode: null, reason: 'the object is gone', version: null };
const UNREAD: Saying = { status: 'unread', errorCode: null, reason: null, version: null };

class BatchReading {
  readonly #context: LoadContext;
  readonly #reading: Reading;
  readonly #rejects: KeptRejects;
  /** For the rows of files that do not fill a part. */
  readonly #shared: PartWriter;
  readonly #ownUris: string[] = [];
  readonly #outcomes: FileOutcome[] = [];
  #unpackedBytes = 0;
  #rows = 0;
  #rejected = 0;
  #starts: TimeRange | null = null;

  constructor(context: LoadContext, reading: Reading) {
    this.#context = context;
    this.#reading = reading;
    this.#rejects = new KeptRejects(context.settings.rejectedRowsMax);
    this.#shared = reading.parts.writer();
  }

  async read({ all, newest }: ObjectOfBatch, signal: AbortSignal): Promise<void> {
    const { batchUnpackedBytes } = this.#context.readLimits ?? READ_LIMITS;
    const hasRoom = this.#unpackedBytes < batchUnpackedBytes;
    const saying = hasRoom ? await this.#look(newest, signal) : UNREAD;
    for (const { fileNumber } of all) this.#outcomes.push({ fileNumber, ...saying });
  }

  async end(): Promise<ReadBatch> {
    const tooMany = tooManyTroubles(this.#outcomes.map(({ errorCode }) => errorCode));
    if (tooMany !== null) throw tooMany;
    return {
      outcomes: this.#outcomes.toSorted((a, b) => a.fileNumber - b.fileNumber),
      partUris: [...(await this.#shared.end()), ...this.#ownUris],
      rows: this.#rows,
      rejected: this.#rejected,
      starts: this.#starts,
    };
  }

  /** What is there now, tried again where the trouble may pass. */
  async #look(file: NumberedFile, signal: AbortSignal): Promise<Saying> {
    const tries = this.#reading.troubles.about(file.file);
    for (;;) {
      try {
        const saying = await this.#tryOnce(file, signal);
        if (saying !== GONE) tries.onRead();
        return saying;
      } catch (error) {
        if (!(error instanceof IngestError) || signal.aborted) throw error;
        const trouble = await tries.onError(error, signal);
        if (trouble !== null)
          return { status: 'quarantined', errorCode: trouble.code, reason: trouble.reason, version: null };
      }
    }
  }

  async #tryOnce(file: NumberedFile, signal: AbortSignal): Promise<Saying> {
    const { bucket, key } = file.file;
    const object = await this.#context.store.open({ bucket, key, signal });
    if (object === null) return GONE;
    const { etag, lastModifiedMs, size } = object;
    const version = { etag, lastModifiedMs, size };
    try {
      await this.#take(object, { file, version });
      return { status: 'loaded', errorCode: null, reason: null, version };
    } catch (error) {
      if (!(error instanceof UnreadableContent)) throw error;
      return { status: 'quarantined', errorCode: error.code, reason: error.message, version };
    } finally {
      object.close();
    }
  }

  /** @throws UnreadableContent, and what the body throws; then nothing of the file counts. */
  async #take(object: OpenObject, source: RowSource): Promise<void> {
    const { maker, parts } = this.#reading;
    const writer = parts.writer();
    const rows = new FileRows(maker, source, this.#rejects);
    const maxBytes = UNPACKED.plus + UNPACKED.times * object.size;
    for await (const { bytes, pieces } of readPieces(object.body, { maxBytes })) {
      this.#unpackedBytes += bytes;
      await writer.add(pieces.flatMap((piece) => rows.linesOf(piece)));
    }
    await writer.add(rows.lastLines());
    const lines = writer.takeLines();
    if (lines === null) this.#ownUris.push(...(await writer.end()));
    else await this.#shared.add(lines);
    this.#rows += rows.count;
    this.#rejected += rows.rejected;
    this.#starts = union(this.#starts, rows.starts);
  }
}

/** Makes the rows of one file, and counts them. */
class FileRows {
  readonly #maker: RowMaker;
  readonly #source: RowSource;
  readonly #rejects: KeptRejects;
  readonly #isKept: (reason: string) => boolean;
  count = 0;
  rejected = 0;
  starts: TimeRange | null = null;

  constructor(maker: RowMaker, source: RowSource, rejects: KeptRejects) {
    this.#maker = maker;
    this.#source = source;
    this.#rejects = rejects;
    this.#isKept = rejects.ofFile();
  }

  linesOf(piece: Piece): readonly string[] {
    const made = this.#maker.make(piece, this.#source);
    this.count += 1;
    if (made.kind === 'not_kept') return [];
    if (made.kind === 'row') {
      this.starts = widened(this.starts, made.startMs);
      return [partLine(made.row)];
    }
    this.rejected += 1;
    if (!this.#isKept(`${made.column} ${made.reason}`)) return [];
    const line = partLine(made.row());
    this.#rejects.add(line.length);
    return [line];
  }

  lastLines(): readonly string[] {
    const row = this.count === this.rejected ? this.#maker.emptyFile(this.#source) : null;
    return row === null ? [] : [partLine(row)];
  }
}

function union(a: TimeRange | null, b: TimeRange | null): TimeRange | null {
  if (a === null || b === null) return a ?? b;
  return { minMs: Math.min(a.minMs, b.minMs), maxMs: Math.max(a.maxMs, b.maxMs) };
}
