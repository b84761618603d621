import { IngestError } from '../core/errors.ts';
import type { FileOutcome, NumberedFile } from '../core/loading/ledger.ts';
import type { ReadRows } from '../core/loading/load-plan.ts';
import { fileRow } from '../core/loading/ledger.ts';
import { stagingOf } from '../core/loading/load-plan.ts';
import { s3Uri } from '../core/loading/manifest.ts';
import { tooManyTroubles } from '../core/loading/object-trouble.ts';
import type { OpenObject } from '../core/ports.ts';
import { TimeRanges } from '../core/time-ranges.ts';
import { maxUnpackedBytes, readPieces } from '../reader/read-pieces.ts';
import type { Piece } from '../reader/split-objects.ts';
import { UnreadableContent } from '../reader/unreadable-content.ts';
import type { RowMaker, RowSource } from './batch-rows.ts';
import { KeptRejects } from './kept-rejects.ts';
import type { LoadContext } from './load-context.ts';
import type { ReadTroubles } from './object-troubles.ts';
import type { Drift } from '../core/drift.ts';
import { sumOfDrifts } from '../core/drift.ts';
import { driftOfFiles } from '../datasets/drift-of-file.ts';
import type { DriftOfFile } from '../datasets/drift-of-file.ts';
import type { TellDrift } from './tell-drift.ts';
import type { Parts } from './part-writer.ts';
import { partLine, PartList } from './part-writer.ts';
import { someAtOnce } from '../core/some-at-once.ts';

/** The result of reading a batch's files; the rows are in parts. */
export type ReadBatch = ReadRows & {
  /** In the order of the batch. `unread`: the batch reached its limit of unpacked bytes. */
  readonly outcomes: readonly FileOutcome[];
  /** By file number: the rows of each read file, and their parts. */
  readonly contents: ReadonlyMap<number, FileContent>;
  readonly partUris: readonly string[];
  /** Sizes of the objects that S3 delivered, as they are stored. */
  readonly readBytes: number;
};

/** `rows` counts as `ReadRows.rows` does. */
type FileContent = { readonly rows: number; readonly rejected: number; readonly partUris: readonly string[] };

type Reading = {
  readonly parts: Parts;
  readonly maker: RowMaker;
  readonly troubles: ReadTroubles;
  readonly tellDrift: TellDrift;
};

/**
 * Reads the files of a batch and writes their rows and outcomes to parts. Two notifications of one object are one read of its
 * current version. An object that cannot be read is quarantined with a reason, and the others are read.
 *
 * @throws IngestError when the error is not about one object.
 */
export async function readBatch(
  context: LoadContext,
  files: readonly NumberedFile[],
  reading: Reading,
): Promise<ReadBatch> {
  const batch = new BatchReading(context, reading);
  const { readLimits, reading: ended } = context;
  await someAtOnce(objectsOf(files), { atOnce: readLimits.readsAtOnce, signal: ended }, async (object, signal) => {
    await batch.read(object, signal);
  });
  return await batch.end(files);
}

/** One object and all its notifications; its rows have the file number of the first. `core/route.ts` decides which deletions count. */
type ObjectOfBatch = {
  readonly first: NumberedFile;
  readonly all: readonly NumberedFile[];
  readonly isDeletion: boolean;
};

function objectsOf(files: readonly NumberedFile[]): readonly ObjectOfBatch[] {
  const objects = new Map<string, ObjectOfBatch>();
  for (const numbered of files) {
    const uri = s3Uri(numbered.file);
    const known = objects.get(uri);
    const all = [...(known?.all ?? []), numbered];
    const isDeletion = known?.isDeletion === true || numbered.file.change === 'delete';
    objects.set(uri, { first: known?.first ?? numbered, all, isDeletion });
  }
  return [...objects.values()];
}

type Tries = ReturnType<ReadTroubles['about']>;

type Saying = Omit<FileOutcome, 'fileNumber'>;

const GONE: Saying = { status: 'missing', errorCode: null, reason: 'the object no longer exists', version: null };
const DELETED: Saying = { ...GONE, status: 'removed', reason: 'the object was deleted' };
const UNREAD: Saying = { status: 'unread', errorCode: null, reason: null, version: null };

class BatchReading {
  readonly #context: LoadContext;
  readonly #reading: Reading;
  readonly #rejects: KeptRejects;
  readonly #list: PartList;
  readonly #outcomes: FileOutcome[] = [];
  readonly #taken: Taken[] = [];
  readonly #driftOf: ReturnType<typeof driftOfFiles>;
  #drifts: readonly Drift[] = [];
  #unpackedBytes = 0;
  #readBytes = 0;
  #objects = 0;

  constructor(context: LoadContext, reading: Reading) {
    this.#context = context;
    this.#reading = reading;
    this.#rejects = new KeptRejects(context.settings.rejectedRowsMax);
    this.#driftOf = driftOfFiles(context.settings.logKeyNames);
    this.#list = new PartList(reading.parts);
  }

  async read({ all, first, isDeletion }: ObjectOfBatch, signal: AbortSignal): Promise<void> {
    const hasRoom = this.#unpackedBytes < this.#context.readLimits.batchUnpackedBytes;
    const tries = this.#reading.troubles.about(first.file, isDeletion);
    const saying = hasRoom ? await this.#look(first, tries, signal) : UNREAD;
    const said = saying === GONE && isDeletion ? DELETED : saying;
    if (said.status === 'loaded' || said.status === 'removed') this.#objects += 1;
    for (const { fileNumber } of all) this.#outcomes.push({ fileNumber, ...said });
  }

  async end(files: readonly NumberedFile[]): Promise<ReadBatch> {
    const tooMany = tooManyTroubles(this.#outcomes.map(({ errorCode }) => errorCode));
    if (tooMany !== null) throw tooMany;
    this.#reading.tellDrift(this.#drifts);
    const outcomes = this.#outcomes.toSorted((a, b) => a.fileNumber - b.fileNumber);
    await this.#list.add(fileLines(files, outcomes));
    const partUris = await this.#list.end();
    const times = new TimeRanges();
    for (const { rows } of this.#taken) times.addAll(rows.times.all);
    const contents = this.#taken.map(({ fileNumber, partUrisOf, rows }): [number, FileContent] => [
      fileNumber,
      { rows: rows.count, rejected: rows.rejected, partUris: partUrisOf() },
    ]);
    return {
      outcomes,
      contents: new Map(contents),
      partUris,
      readBytes: this.#readBytes,
      objects: this.#objects,
      rows: sum(this.#taken.map(({ rows }) => rows.count)),
      kept: sum(this.#taken.map(({ rows }) => rows.kept)),
      plays: sum(this.#taken.map(({ rows }) => rows.plays)),
      rejected: sum(this.#taken.map(({ rows }) => rows.rejected)),
      times: times.all,
    };
  }

  /** Reads the current version, with retries for errors that may pass. */
  async #look(file: NumberedFile, tries: Tries, signal: AbortSignal): Promise<Saying> {
    for (;;) {
      try {
        const saying = await this.#tryOnce(file, tries, signal);
        if (saying !== GONE) tries.onRead();
        return saying;
      } catch (error) {
        if (!(error instanceof IngestError) || signal.aborted || this.#reading.parts.failedWith(error)) throw error;
        const trouble = await tries.onError(error, signal);
        if (trouble !== null) {
          const { code: errorCode, reason, status } = trouble;
          return { status, errorCode, reason, version: null };
        }
      }
    }
  }

  async #tryOnce(file: NumberedFile, tries: Tries, signal: AbortSignal): Promise<Saying> {
    const { bucket, key } = file.file;
    const object = await this.#context.store.open({ bucket, key, signal });
    if (object === null) return GONE;
    const { etag, lastModifiedMs, size } = object;
    const version = { etag, lastModifiedMs, size };
    this.#readBytes += size;
    try {
      const rejected = await this.#take(object, { file }, tries);
      return { status: 'loaded', errorCode: null, reason: null, version, rejected };
    } catch (error) {
      if (!(error instanceof UnreadableContent)) throw error;
      return { status: 'quarantined', errorCode: error.code, reason: error.message, version };
    } finally {
      object.close();
    }
  }

  /**
   * @returns the number of rejected rows.
   * @throws UnreadableContent, and the errors of the body; then no row of the file counts.
   */
  async #take(object: OpenObject, source: RowSource, tries: Tries): Promise<number> {
    const { maker, parts } = this.#reading;
    const writer = parts.writer();
    const drift = this.#driftOf({ dataset: stagingOf(this.#context.batch), ...place(source) });
    const rows = new FileRows(maker, source, { rejects: this.#rejects, drift });
    for await (const { bytes, pieces } of readPieces(object.body, { maxBytes: maxUnpackedBytes(object.size) })) {
      this.#unpackedBytes += bytes;
      tries.onBytes();
      await writer.add(rows.linesOf(pieces));
    }
    const partUrisOf = await this.#list.keep(writer);
    this.#drifts = sumOfDrifts(this.#drifts, drift.end());
    this.#taken.push({ fileNumber: source.file.fileNumber, rows, partUrisOf });
    return rows.rejected;
  }
}

function place({ file: { file } }: RowSource): { readonly bucket: string; readonly key: string } {
  return { bucket: file.bucket, key: file.key };
}

/** A file that was read to its end. `partUrisOf`: valid when all parts are stored. */
type Taken = {
  readonly fileNumber: number;
  readonly rows: FileRows;
  readonly partUrisOf: () => readonly string[];
};

/** Makes and counts the rows of one file. */
class FileRows {
  readonly #maker: RowMaker;
  readonly #source: RowSource;
  readonly #rejects: KeptRejects;
  readonly #drift: DriftOfFile;
  readonly #isKept: (reason: string) => boolean;
  count = 0;
  kept = 0;
  plays = 0;
  rejected = 0;
  readonly times = new TimeRanges();

  constructor(maker: RowMaker, source: RowSource, { drift, rejects }: { rejects: KeptRejects; drift: DriftOfFile }) {
    this.#maker = maker;
    this.#source = source;
    this.#rejects = rejects;
    this.#drift = drift;
    this.#isKept = rejects.ofFile();
  }

  *linesOf(pieces: Iterable<Piece>): Iterable<string> {
    for (const piece of pieces) {
      const made = this.#maker(piece, this.#source);
      this.count += 1;
      if (piece.kind === 'object') this.#drift.add(piece);
      if (made.kind === 'row') {
        this.kept += 1;
        if (made.isPlay) this.plays += 1;
        if (made.eventMs !== null) this.times.add(made.eventMs);
        yield made.line;
      } else if (made.kind === 'rejected') {
        this.rejected += 1;
        if (!this.#isKept(`${made.column} ${made.reason}`)) continue;
        const line = made.line();
        this.#rejects.add(line.length);
        yield line;
      }
    }
  }
}

/** Whether the batch settles a file with this outcome: unread files are for another batch, released ones for another delivery. */
export function settles({ status }: FileOutcome): boolean {
  return status !== 'unread' && status !== 'released';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** The outcomes of the files as lines of a part, without files that the batch does not settle. */
export function fileLines(files: readonly NumberedFile[], outcomes: readonly FileOutcome[]): readonly string[] {
  const said = new Map(outcomes.map((outcome) => [outcome.fileNumber, outcome]));
  return files.flatMap((file) => {
    const outcome = said.get(file.fileNumber);
    return outcome === undefined || !settles(outcome) ? [] : [partLine(fileRow(file, outcome))];
  });
}
