import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import { s3Uri } from '../core/manifest.ts';
import { compareSequencers } from '../core/sequencer.ts';
import type { SongRow } from '../core/song-rows.ts';
import type { LoadContext } from './load-context.ts';
import type { ReadSongFile } from './read-song-files.ts';
import { readSongFiles } from './read-song-files.ts';
import type { BadFiles, Prepared, StagingSource } from './staging-source.ts';
import { badOutcome } from './staging-source.ts';

/** Large enough that COPY reads few files, small enough to hold one in memory beside everything else. */
const BUNDLE_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Song objects are a few hundred bytes each, and COPY is slow on many small files and cannot tell from which one a row
 * came. So they are read here, each row stamped with its object, and written as NDJSON bundles that the manifest lists.
 */
export function songBundles(context: LoadContext): StagingSource {
  return {
    table: 'staging_songs',
    dataset: 'songs',
    prepare: (files, bad, round) => writeBundles(context, { files, bad, round }),
  };
}

async function writeBundles(
  context: LoadContext,
  input: { files: readonly NumberedFile[]; bad: BadFiles; round: number },
): Promise<Prepared> {
  const { signal, store } = context;
  const objects = versionsByObject(input.files);
  const outcomes: FileOutcome[] = [];
  const bundles = new BundleWriter(context, input.round);
  const read = readSongFiles(objects, { fileOf: ({ newest }) => newest.file, store, signal });
  for await (const { source, song } of read) {
    const bad = source.all.map(({ fileNumber }) => input.bad.get(fileNumber)).find((file) => file !== undefined);
    for (const { fileNumber } of source.all) {
      outcomes.push(
        bad === undefined || song === null
          ? songOutcome(fileNumber, song)
          : { ...badOutcome(fileNumber, bad), lastModifiedMs: song.lastModifiedMs },
      );
    }
    for (const row of song?.rows ?? []) {
      // A row that COPY refused stays out, but the version it stood in must still end the older one.
      if (bad === undefined) await bundles.add(row, source.all);
      else if (row.row_number <= 1) await bundles.add(tombstone(row), source.all);
    }
  }
  await bundles.flush();
  return { uris: bundles.uris, outcomes, locate: (uri, lineNumber) => bundles.locate(uri, lineNumber) };
}

type SongObject = { readonly newest: NumberedFile; readonly all: readonly NumberedFile[] };

/** Two versions of an object in one batch are read once: what is read is at least as new as the newest of them. */
function versionsByObject(files: readonly NumberedFile[]): readonly SongObject[] {
  const objects = new Map<string, SongObject>();
  for (const numbered of files) {
    const uri = s3Uri(numbered.file);
    const known = objects.get(uri);
    if (known === undefined) objects.set(uri, { newest: numbered, all: [numbered] });
    else objects.set(uri, { newest: newer(known.newest, numbered), all: [...known.all, numbered] });
  }
  return [...objects.values()];
}

function newer(a: NumberedFile, b: NumberedFile): NumberedFile {
  return compareSequencers(a.file.sequencer ?? '', b.file.sequencer ?? '') < 0 ? b : a;
}

function songOutcome(fileNumber: number, song: ReadSongFile<unknown>['song']): FileOutcome {
  const said = { fileNumber, errorCode: null, reason: null, lineNumber: null, columnName: null };
  if (song === null) return { ...said, status: 'missing', reason: 'the object is gone', lastModifiedMs: null };
  const { lastModifiedMs, problem } = song;
  if (problem === null) return { ...said, status: 'loaded', lastModifiedMs };
  return {
    ...said,
    status: 'quarantined',
    errorCode: problem.code,
    reason: `${problem.reason} (line ${problem.lineNumber}, column ${problem.columnNumber})`,
    lineNumber: problem.lineNumber,
    lastModifiedMs,
  };
}

function tombstone(row: SongRow): SongRow {
  const { source_id, bucket, object_key, etag, last_modified_ms, sequencer } = row;
  return {
    source_id,
    row_number: 0,
    bucket,
    object_key,
    etag,
    last_modified_ms,
    sequencer,
    line_number: null,
    row_text: null,
  };
}

/** Collects rows and puts a bundle whenever one is full. Remembers which line is whose. */
class BundleWriter {
  readonly #context: LoadContext;
  readonly #round: number;
  readonly #owners = new Map<string, (readonly NumberedFile[])[]>();
  #lines: string[] = [];
  #lineOwners: (readonly NumberedFile[])[] = [];
  #bytes = 0;

  constructor(context: LoadContext, round: number) {
    this.#context = context;
    this.#round = round;
  }

  get uris(): readonly string[] {
    return [...this.#owners.keys()];
  }

  locate(uri: string, lineNumber: number): readonly NumberedFile[] {
    return this.#owners.get(uri)?.[lineNumber - 1] ?? [];
  }

  async add(row: SongRow, owners: readonly NumberedFile[]): Promise<void> {
    const line = `${JSON.stringify(row)}\n`;
    this.#lines.push(line);
    this.#lineOwners.push(owners);
    this.#bytes += Buffer.byteLength(line);
    if (this.#bytes >= BUNDLE_MAX_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const { signal, store, work } = this.#context;
    const key = work.bundleKey(this.#round, this.#owners.size + 1);
    await store.put({ bucket: work.bucket, key, body: this.#lines.join(''), contentType: 'application/json', signal });
    this.#owners.set(s3Uri({ bucket: work.bucket, key }), this.#lineOwners);
    this.#lines = [];
    this.#lineOwners = [];
    this.#bytes = 0;
  }
}
