import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';
import { backoffMs } from '../core/backoff.ts';
import { batchId } from '../core/batch-id.ts';
import { isRetraction } from '../core/decision.ts';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import { fileIdentity } from '../core/file-identity.ts';
import type { FileOutcome } from '../core/loading/ledger.ts';
import { numbered } from '../core/loading/ledger.ts';
import type { Batch, LoadBatch, LoadOutcome, LoadStage, SettledFile } from '../core/load.ts';
import type { Replaced } from '../core/loading/load-plan.ts';
import { s3Uri } from '../core/loading/manifest.ts';
import type { Random, Warehouse } from '../core/ports.ts';
import { retriedLoad } from '../core/retried-load.ts';
import { retry } from '../core/retry.ts';
import { someAtOnce } from '../core/some-at-once.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import { mayChange } from './know.ts';
import type { KnownFiles } from './know.ts';
import type { LoadContext, LoadParts, Refusal } from './load-context.ts';
import { loadContext } from './load-context.ts';
import type { ReadTroubles } from './object-troubles.ts';
import { objectTroubles } from './object-troubles.ts';
import { settles } from './read-batch.ts';
import type { Counted } from './publish.ts';
import { committedCounts, publish } from './publish.ts';
import type { RemovalBrake } from './removal-brake.ts';
import { createRemovalBrake } from './removal-brake.ts';
import { SessionPool } from './session-pool.ts';
import { releasedFiles, settledFiles } from './settled-files.ts';
import { type KeptTotals, createKeptTotals } from './kept-totals.ts';
import { createStrayFiles } from './stray-files.ts';
import type { StrayFiles } from './stray-files.ts';
import type { AttemptFiles } from './stage.ts';
import { readFiles, stage, withAttemptFiles } from './stage.ts';
import type { TellDrift } from './tell-drift.ts';
import { createTellDrift } from './tell-drift.ts';

const AGAIN = { attempts: 3, minMs: 200, maxMs: 5_000 };

const NOTHING_COUNTED: Counted = {
  counts: { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0, removed: 0 },
  liveConsumers: 1,
};

/** The loader: read, stage, publish. Stage and publish are one transaction each. */
export function createLoadBatch(parts: LoadParts & { readonly warehouse: Warehouse }): LoadBatch {
  const { clock, emit, random, warehouse } = parts;
  const sessions = new SessionPool(warehouse, parts.settings.schema);
  const loader: OfLoader = {
    troubles: objectTroubles(parts),
    tellDrift: createTellDrift(emit),
    reading: pLimit(1),
    brake: createRemovalBrake(),
    strays: createStrayFiles(),
    totals: createKeptTotals(),
  };
  const nonce = Math.floor(random() * 2 ** 30).toString(36);
  let tokens = 0;

  const load: LoadPart = async (batch, refusal, { reading, signal }) => {
    const roundTripsBefore = warehouse.roundTrips();
    const token = (stageName: string) => `${shortId(batch)}-${stageName}-${nonce}${(tokens += 1).toString(36)}`;
    let isInDoubt = false;
    const attempt = async (): Promise<PartOutcome> => {
      const session = sessions.take();
      const context = loadContext(parts, { batch, session, signal, reading, token, refusal });
      // Waits behind the lock until a publish that may still be running has ended; then the ledger can be trusted.
      if (isInDoubt) await committedCounts(context);
      const loading = withAttemptFiles(context, async (own) => await loadOnce(context, own, loader));
      const { unread, ...loaded } = await loading;
      sessions.giveBack(session);
      const roundTrips = warehouse.roundTrips() - roundTripsBefore;
      return { outcome: { ...loaded, roundTrips, ...context.cost }, unread };
    };
    const delayMs = (error: unknown, attempts: number): number | null => {
      if (!(error instanceof IngestError) || !startsOver(error) || attempts >= AGAIN.attempts) return null;
      isInDoubt = error.code === 'outcome_unknown';
      return backoffMs(attempts, AGAIN, random);
    };
    return await retry(attempt, { clock, signal, delayMs, onRetry: retriedLoad({ batch, emit }) });
  };
  return loadInParts(load, random);
}

/** The publish step has published again by then, where that helps. */
function startsOver({ code }: IngestError): boolean {
  const { inLoad } = ERROR_POLICY[code];
  return inLoad === 'start_over' || inLoad === 'publish_exactly';
}

/** After more refusals in a row, the cause is the warehouse or this program. */
const REFUSED_IN_A_ROW = 10;

type LoadPart = (batch: Batch, refusal: Refusal | null, signals: LoadSignals) => Promise<PartOutcome>;

type LoadSignals = Pick<LoadContext, 'reading' | 'signal'>;

/** `unread`: files for which the batch had no room. */
type PartOutcome = { readonly outcome: LoadOutcome; readonly unread: readonly FileEvent[] };

/**
 * The reader checks every value, so the warehouse should refuse nothing. If it does refuse a batch, the batch is loaded in two
 * halves, by files; a file that is refused alone is quarantined with the error of the warehouse. Files for which a batch has no
 * room become another batch.
 *
 * @throws IngestError the error of the warehouse, if it refuses one file after the other: then the files are not the cause.
 */
function loadInParts(load: LoadPart, random: Random): LoadBatch {
  // Objects that were refused since the warehouse last accepted one.
  const refused = new Set<string>();
  const loadAll = async (batch: Batch, signals: LoadSignals, looks = 1): Promise<LoadOutcome> => {
    const inTwo = async (first: readonly FileEvent[], second: readonly FileEvent[], looksOfSecond = 1) => {
      const one = await loadAll(partOf(batch, first, random), signals);
      return bothOutcomes(batch, one, await loadAll(partOf(batch, second, random), signals, looksOfSecond));
    };
    let loaded: PartOutcome;
    try {
      loaded = await load(batch, looks > LOOKS ? KEEPS_CHANGING : null, signals);
    } catch (error) {
      if (error instanceof Overwritten) {
        const others = batch.files.filter((file) => !error.files.includes(file));
        return others.length === 0
          ? await loadAll(batch, signals, looks + 1)
          : await inTwo(others, error.files, looks + 1);
      }
      if (!(error instanceof IngestError) || ERROR_POLICY[error.code].inLoad !== 'halve') throw error;
      // A person waits for the answer, and objects are retracted together or not at all.
      if (isRetraction(batch)) throw error;
      const [only] = batch.files;
      if (only !== undefined && batch.files.length === 1) {
        if (refused.size >= REFUSED_IN_A_ROW && !refused.has(s3Uri(only))) throw refusesAll(error);
        const { outcome } = await load(batch, refusedByWarehouse(error), signals);
        refused.add(s3Uri(only));
        return outcome;
      }
      const middle = Math.ceil(batch.files.length / 2);
      return await inTwo(batch.files.slice(0, middle), batch.files.slice(middle));
    }
    const { outcome, unread } = loaded;
    if (outcome.files.some(({ status }) => status === 'loaded')) refused.clear();
    if (unread.length === 0) return outcome;
    return bothOutcomes(batch, outcome, await loadAll(partOf(batch, unread, random), signals));
  };
  return async (batch, signal, reading = signal) =>
    await loadAll(batch, { signal, reading: AbortSignal.any([signal, reading]) });
}

function refusedByWarehouse({ message }: IngestError): Refusal {
  return { code: 'refused_by_warehouse', reason: `was refused by the warehouse: ${message}`, advice: null };
}

/** How often an object is read that is overwritten each time before its rows can be published. */
const LOOKS = 4;

const KEEPS_CHANGING: Refusal = {
  code: 'object_changing',
  reason: `was read ${LOOKS} times, and each time it was overwritten before its rows could be published, or S3 did not confirm the version`,
  advice: 'the next notification of the object or "sparkify backfill" loads it',
};

/** Objects that were overwritten after they were read, and that would replace rows: what was read may be the older version. */
class Overwritten extends Error {
  override readonly name = 'Overwritten';
  readonly files: readonly FileEvent[];

  constructor(files: readonly FileEvent[]) {
    super(`${files.length} objects were overwritten after they were read`);
    this.files = files;
  }
}

function refusesAll(error: IngestError): IngestError {
  const sentence =
    `The warehouse refused ${REFUSED_IN_A_ROW} objects in a row, so the objects are probably not the cause. No further file is quarantined. ` +
    'Find out what changed in the warehouse or in sparkify, then load the quarantined files with "sparkify backfill". ' +
    `The warehouse says: ${error.message}`;
  return new IngestError(error.code, sentence, { seen: error.seen, cause: error });
}

/** A separate batch with some of the files, which commits on its own. */
function partOf(batch: Batch, files: readonly FileEvent[], random: Random): Batch {
  const id = batchId({
    consumer: batch.id,
    openedAtMs: batch.openedAtMs,
    identities: files.map(fileIdentity),
    nonce: String(random()),
  });
  return { ...batch, id, files, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function bothOutcomes(batch: Batch, first: LoadOutcome, second: LoadOutcome): LoadOutcome {
  const sum = <K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>) =>
    Object.fromEntries(Object.keys(a).map((key) => [key, a[key as K] + b[key as K]])) as Record<K, number>;
  const place = new Map(batch.files.map((file, index) => [file, index]));
  const placeOf = ({ file }: SettledFile): number => place.get(file) ?? 0;
  return {
    batchId: batch.id,
    files: [...first.files, ...second.files].sort((a, b) => placeOf(a) - placeOf(b)),
    released: [...first.released, ...second.released],
    counts: sum(first.counts, second.counts),
    stageMs: sum(first.stageMs, second.stageMs),
    roundTrips: first.roundTrips + second.roundTrips,
    ...{ warehouseMs: first.warehouseMs + second.warehouseMs, lockedMs: Math.max(first.lockedMs, second.lockedMs) },
    liveConsumers: Math.max(first.liveConsumers, second.liveConsumers),
    committedAtMs: second.committedAtMs,
  };
}

/** Shared by all loads of a loader. `reading`: one batch is read at a time, so that the parts of only one are in memory. */
type OfLoader = {
  readonly troubles: ReadTroubles;
  readonly tellDrift: TellDrift;
  readonly reading: LimitFunction;
  readonly brake: RemovalBrake;
  readonly strays: StrayFiles;
  readonly totals: KeptTotals;
};

type Loaded = Omit<LoadOutcome, 'roundTrips' | 'warehouseMs' | 'lockedMs'> & { readonly unread: readonly FileEvent[] };

/** The pipeline. Every step can be repeated: settled files are recognised, and publishing again changes nothing. */
async function loadOnce(context: LoadContext, own: AttemptFiles, loader: OfLoader): Promise<Loaded> {
  const { batch, clock, random } = context;
  const timer = stageTimer(context);
  const all = numbered(batch);

  const { reading, strays, tellDrift, troubles } = loader;
  await strays.check(context);
  const read = await reading(async () => await readFiles(context, { ...own, files: all, troubles, tellDrift }));
  const readAtMs = timer.finished('read', read.readBytes);
  // Nothing to commit: COPY has no part.
  if (!read.outcomes.some(settles))
    return await nothingLeft(context, { known: new Map(), outcomes: read.outcomes, timer });
  const staged = await inSession(() => stage(context, read));
  const stagedAtMs = timer.finished('stage');

  // A retracted object may still be in the bucket.
  const toConfirm = isRetraction(batch) ? [] : staged.replaced;
  const overwritten = await overwrittenFiles(context, toConfirm, read.outcomes);
  if (overwritten.length > 0) throw new Overwritten(overwritten);

  const known = stillKnown(staged.known, read.outcomes);
  const files = settledFiles(batch, known, read.outcomes, staged.retracted);
  if (files.length === known.size) return await nothingLeft(context, { known, outcomes: read.outcomes, timer });
  const unread = unreadFiles(batch, read.outcomes);
  const released = releasedFiles(batch, known, read.outcomes);
  // The ledger records the files of each batch. Files are published under another id when some are left to another batch, and when this
  // batch was committed before, its answer was lost, and files became readable since.
  const isCommitted = [...staged.known.values()].some(({ batchId: by }) => by === batch.id);
  const settledNow = files.map(({ file }) => file);
  const settled = files.length === all.length && !isCommitted ? batch : partOf(batch, settledNow, random);
  const objectsRemoved = isRetraction(batch) ? 0 : removedObjects(staged.replaced, read.outcomes);
  const published = await loader.brake.publish(context, objectsRemoved, async (removalsMax) => {
    const totalsSinceMs = loader.totals.dueSinceMs(stagedAtMs);
    const input = { read, staged, readAtMs, stagedAtMs, objectsRemoved, removalsMax, totalsSinceMs };
    return await inSession(() => publish({ ...context, batch: settled }, input));
  });
  timer.finished('publish');
  loader.totals.onPublished(stagedAtMs);
  strays.onIgnored(context);
  const left = { unread, released };
  return { batchId: batch.id, files, ...left, ...published, stageMs: timer.stageMs(), committedAtMs: clock.nowMs() };
}

/**
 * Two versions of an object do not tell which one is newer. A load that replaces a live version therefore asks S3 once more, after
 * it has seen which version is live: if the version that was read is still the current one, it is the newer one.
 *
 * @returns all notifications of the objects that have another version now.
 */
async function overwrittenFiles(
  { batch, readLimits, signal, store }: LoadContext,
  replaced: readonly Replaced[],
  outcomes: readonly FileOutcome[],
): Promise<readonly FileEvent[]> {
  const said = new Map(outcomes.map((outcome) => [outcome.fileNumber, outcome]));
  const changed = new Set<string>();
  await someAtOnce(replaced, { atOnce: readLimits.readsAtOnce, signal }, async ({ fileNumber }, ended) => {
    const file = batch.files[fileNumber - 1];
    if (file === undefined) return;
    const { bucket, key } = file;
    const read = said.get(fileNumber)?.version ?? null;
    try {
      const now = await store.probe({ bucket, key, signal: ended });
      if (now?.etag !== read?.etag || now?.lastModifiedMs !== read?.lastModifiedMs) changed.add(s3Uri(file));
    } catch (error) {
      if (!(error instanceof IngestError) || ended.aborted) throw error;
      // The next read of the object reports why it cannot be read.
      changed.add(s3Uri(file));
    }
  });
  return batch.files.filter((file) => changed.has(s3Uri(file)));
}

/** How many deleted objects have rows in the star. */
function removedObjects(replaced: readonly Replaced[], outcomes: readonly FileOutcome[]): number {
  const removed = new Set(outcomes.filter(({ status }) => status === 'removed').map(({ fileNumber }) => fileNumber));
  return replaced.filter(({ fileNumber, rows }) => rows > 0 && removed.has(fileNumber)).length;
}

/**
 * Without quarantined or missing files that can be loaded now (they are published, and their entries are updated), or that have to be
 * looked at again.
 */
function stillKnown(known: KnownFiles, outcomes: readonly FileOutcome[]): KnownFiles {
  const looked = outcomes.filter(({ status }) => ['loaded', 'removed', 'released'].includes(status));
  const read = new Set(looked.map(({ fileNumber }) => fileNumber));
  return new Map([...known].filter(([fileNumber, entry]) => !(read.has(fileNumber) && mayChange(entry))));
}

function unreadFiles(batch: Batch, outcomes: readonly FileOutcome[]): readonly FileEvent[] {
  const unread = new Set(outcomes.filter(({ status }) => status === 'unread').map(({ fileNumber }) => fileNumber));
  return numbered(batch).flatMap(({ file, fileNumber }) => (unread.has(fileNumber) ? [file] : []));
}

/**
 * Nothing is left to publish: every file that the batch settles is already in the ledger, loaded by another consumer, or by this batch
 * when the reply to its commit was lost.
 */
async function nothingLeft(
  context: LoadContext,
  left: { known: KnownFiles; outcomes: readonly FileOutcome[]; timer: ReturnType<typeof stageTimer> },
): Promise<Loaded> {
  const { batch, clock } = context;
  const { known, outcomes, timer } = left;
  const isCommitted = known.size > 0 && [...known.values()].every(({ batchId: by }) => by === batch.id);
  const committed = (isCommitted ? await committedCounts(context) : null) ?? NOTHING_COUNTED;
  const settled = { files: settledFiles(batch, known, outcomes), released: releasedFiles(batch, known, outcomes) };
  const unread = unreadFiles(batch, outcomes);
  const stageMs = timer.stageMs();
  return { batchId: batch.id, ...settled, unread, ...committed, stageMs, committedAtMs: clock.nowMs() };
}

/** The tables of `sql/schema` that loads use; all other tables are temporary. */
const LASTING_TABLES =
  /relation "(?:[^".]+\.)?(?:songplays|users|songs|artists|time|song_sources|user_sources|play_keys|play_rivals|ingest_\w+|rejected_rows)"/;

/** A missing table that is not a lasting one is a temporary table: the session ended between two steps. */
async function inSession<T>(step: () => Promise<T> | T): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof IngestError) || error.code !== 'schema_missing') throw error;
    if (LASTING_TABLES.test(error.message)) throw error;
    throw new IngestError('session_lost', 'The warehouse session ended during a load.', { cause: error });
  }
}

function stageTimer({ batch, clock, emit }: LoadContext) {
  const stageMs: Record<LoadStage, number> = { read: 0, stage: 0, publish: 0 };
  let sinceMs = clock.nowMs();
  return {
    finished: (stageName: LoadStage, readBytes = 0): number => {
      const nowMs = clock.nowMs();
      stageMs[stageName] = nowMs - sinceMs;
      sinceMs = nowMs;
      emit({ kind: 'load.stage_finished', batchId: batch.id, stage: stageName, ms: stageMs[stageName], readBytes });
      return nowMs;
    },
    stageMs: () => ({ ...stageMs }),
  };
}

/** Tokens have at most 64 characters, ids at most 60. */
function shortId({ id }: Batch): string {
  return id.length <= 36 ? id : createHash('md5').update(id).digest('hex');
}
