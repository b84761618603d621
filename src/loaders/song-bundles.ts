import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import { s3Uri } from '../core/manifest.ts';
import { compareSequencers } from '../core/sequencer.ts';
import type { SongRow } from '../core/song-rows.ts';
import type { LoadContext } from './load-context.ts';
import type { SongFile } from './read-song-files.ts';
import { readSongFiles } from './read-song-files.ts';
import type { BadFile, BadFiles, Prepared, StagingSource } from './staging-source.ts';
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
  const outcomes: FileOutcome[] = [];
  const bundles = new BundleWriter(context, input.round);
  const read = readSongFiles(versionsByObject(input.files), { fileOf: ({ newest }) => newest.file, store, signal });
  for await (const { source, song } of read) {
    const bad = source.all.map(({ fileNumber }) => input.bad.get(fileNumber)).find((file) => file !== undefined);
    for (const { fileNumber } of source.all) outcomes.push(songOutcome(fileNumber, song, bad));
    // A version that is not loaded as a whole changes nothing: what was read of the object before stays.
    if (song.kind !== 'read' || bad !== undefined) continue;
    for await (const row of song.rows()) await bundles.add(row, source.all);
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

function songOutcome(fileNumber: number, song: SongFile, bad: BadFile | undefined): FileOutcome {
  const said = { fileNumber, errorCode: null, reason: null, lineNumber: null, columnName: null };
  if (song.kind === 'gone') return { ...said, status: 'missing', reason: 'the object is gone', version: null };
  if (song.kind === 'read') {
    return bad === undefined
      ? { ...said, status: 'loaded', version: song.version }
      : badOutcome(fileNumber, bad, song.version);
  }
  const { code: errorCode, lineNumber, reason } = song.problem;
  return { ...said, status: 'quarantined', errorCode, reason, lineNumber, version: song.version };
}

type Owners = readonly NumberedFile[];

/** Collects rows and puts a bundle whenever one is full. Remembers from which line on the lines are whose. */
class BundleWriter {
  readonly #context: LoadContext;
  readonly #round: number;
  readonly #owners = new Map<string, readonly { readonly fromLine: number; readonly owners: Owners }[]>();
  #lines: string[] = [];
  #lineOwners: { readonly fromLine: number; readonly owners: Owners }[] = [];
  #bytes = 0;

  constructor(context: LoadContext, round: number) {
    this.#context = context;
    this.#round = round;
  }

  get uris(): readonly string[] {
    return [...this.#owners.keys()];
  }

  locate(uri: string, lineNumber: number): Owners {
    return this.#owners.get(uri)?.findLast(({ fromLine }) => fromLine <= lineNumber)?.owners ?? [];
  }

  async add(row: SongRow, owners: Owners): Promise<void> {
    const line = `${JSON.stringify(row)}\n`;
    this.#lines.push(line);
    if (this.#lineOwners.at(-1)?.owners !== owners) this.#lineOwners.push({ fromLine: this.#lines.length, owners });
    this.#bytes += Buffer.byteLength(line);
    if (this.#bytes >= BUNDLE_MAX_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const { signal, store, work } = this.#context;
    const key = work.bundleKey(this.#round, this.#owners.size + 1);
    const body = this.#lines.join('');
    this.#lines = [];
    await store.put({ bucket: work.bucket, key, body, contentType: 'application/json', signal });
    this.#owners.set(s3Uri({ bucket: work.bucket, key }), this.#lineOwners);
    this.#lineOwners = [];
    this.#bytes = 0;
  }
}
