import { batchId } from '../core/batch-id.ts';
import { isRetraction } from '../core/decision.ts';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import { fileIdentity } from '../core/file-identity.ts';
import type { Batch, LoadBatch, LoadOutcome, SettledFile } from '../core/load.ts';
import { s3Uri } from '../core/loading/manifest.ts';
import type { Random } from '../core/ports.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import type { LoadContext, Refusal } from './load-context.ts';

/** After more refusals in a row, the cause is the warehouse or this program. */
const REFUSED_IN_A_ROW = 10;

export type LoadPart = (batch: Batch, refusal: Refusal | null, how: HowToLoad) => Promise<PartOutcome>;

/** `isLookedUp`: the ledger was asked for the files of a backfill already. */
type HowToLoad = Pick<LoadContext, 'reading' | 'signal'> & { readonly isLookedUp: boolean };

/** `unread`: files for which the batch had no room. */
export type PartOutcome = { readonly outcome: LoadOutcome; readonly unread: readonly FileEvent[] };

/**
 * The reader checks every value, so the warehouse should refuse nothing. If it does refuse a batch, the batch is loaded in two
 * halves, by files; a file that is refused alone is quarantined with the error of the warehouse. Files for which a batch has no
 * room become another batch.
 *
 * @throws IngestError the error of the warehouse, if it refuses one file after the other: then the files are not the cause.
 */
export function loadInParts(load: LoadPart, random: Random): LoadBatch {
  // Objects that were refused since the warehouse last accepted one.
  const refused = new Set<string>();
  const loadAll = async (batch: Batch, how: HowToLoad, looks = 1): Promise<LoadOutcome> => {
    const inTwo = async (first: readonly FileEvent[], second: readonly FileEvent[], looksOfSecond = 1) => {
      const one = await loadAll(partOf(batch, first, random), how);
      return bothOutcomes(batch, one, await loadAll(partOf(batch, second, random), how, looksOfSecond));
    };
    let loaded: PartOutcome;
    try {
      loaded = await load(batch, looks > LOOKS ? KEEPS_CHANGING : null, how);
    } catch (error) {
      if (error instanceof Overwritten) {
        const others = batch.files.filter((file) => !error.files.includes(file));
        return others.length === 0 ? await loadAll(batch, how, looks + 1) : await inTwo(others, error.files, looks + 1);
      }
      if (!(error instanceof IngestError) || ERROR_POLICY[error.code].inLoad !== 'halve') throw error;
      // A person waits for the answer, and objects are retracted together or not at all.
      if (isRetraction(batch)) throw error;
      const [only] = batch.files;
      if (only !== undefined && batch.files.length === 1) {
        if (refused.size >= REFUSED_IN_A_ROW && !refused.has(s3Uri(only))) throw refusesAll(error);
        const { outcome } = await load(batch, refusedByWarehouse(error), how);
        refused.add(s3Uri(only));
        return outcome;
      }
      const middle = Math.ceil(batch.files.length / 2);
      return await inTwo(batch.files.slice(0, middle), batch.files.slice(middle));
    }
    const { outcome, unread } = loaded;
    if (outcome.files.some(({ status }) => status === 'loaded')) refused.clear();
    if (unread.length === 0) return outcome;
    return bothOutcomes(batch, outcome, await loadAll(partOf(batch, unread, random), { ...how, isLookedUp: true }));
  };
  return async (batch, signal, reading = signal) =>
    await loadAll(batch, { signal, reading: AbortSignal.any([signal, reading]), isLookedUp: false });
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
export class Overwritten extends Error {
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
export function partOf(batch: Batch, files: readonly FileEvent[], random: Random): Batch {
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
    warehouseMs: first.warehouseMs + second.warehouseMs,
    liveConsumers: Math.max(first.liveConsumers, second.liveConsumers),
    committedAtMs: second.committedAtMs,
  };
}
