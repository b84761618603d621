import { countOf } from '../core/count-of.ts';
import { batchNow } from '../core/batch-id.ts';
import type { Dataset } from '../core/dataset.ts';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import { numbered } from '../core/loading/ledger.ts';
import { retractionPlan } from '../core/loading/load-plan.ts';
import type { Batch, LoadBatch, LoadOutcome } from '../core/load.ts';
import type { Row, Warehouse } from '../core/ports.ts';
import { putFileList } from './know.ts';
import type { LoadParts } from './load-context.ts';
import { loadContext, runPlan } from './load-context.ts';
import { SessionPool } from './session-pool.ts';

/** What a retraction changes. */
type Retraction = {
  /** Objects that have rows in the star. */
  readonly objects: number;
  /** Plays whose source is one of the objects. */
  readonly plays: number;
  /** Of these, plays that another object has too: the row of the other object replaces them. */
  readonly playsOfOthers: number;
  /** Users whose row comes from the objects: an earlier event replaces it, if there is one. */
  readonly users: number;
  readonly songs: number;
};

/**
 * Removes the rows that only these objects contributed, whether or not the objects are in the bucket. The retracted version is not
 * loaded again by a backfill or a late notification; another version is.
 */
export type Retract = {
  /** Counts what `run` would change, and changes nothing. @throws IngestError as `run` does. */
  readonly preview: (dataset: Dataset, objects: readonly RetractedObject[], signal: AbortSignal) => Promise<Retraction>;
  /**
   * Retracts all of the objects, or none.
   *
   * @throws IngestError `lineage_missing` when an older program loaded an object, and otherwise as a load does.
   */
  readonly run: (dataset: Dataset, objects: readonly RetractedObject[], signal: AbortSignal) => Promise<LoadOutcome>;
};

type RetractedObject = Pick<FileEvent, 'bucket' | 'key'>;

export function createRetract(parts: LoadParts & { readonly warehouse: Warehouse }, loadBatch: LoadBatch): Retract {
  const sessions = new SessionPool(parts.warehouse, parts.settings.schema);
  const preview = async (batch: Batch, signal: AbortSignal): Promise<Retraction> => {
    const session = sessions.take();
    const token = (stage: string) => `${stage}-${batch.id}`;
    const context = loadContext(parts, { batch, session, signal, token, refusal: null });
    const plan = retractionPlan(await putFileList(context, numbered(batch)));
    const { rowsOf } = await runPlan(context, plan);
    sessions.giveBack(session);
    return retraction(batch, rowsOf('counts')[0]);
  };
  return {
    preview: async (dataset, objects, signal) => await preview(retractBatch(parts, dataset, objects), signal),
    run: async (dataset, objects, signal) => {
      const batch = retractBatch(parts, dataset, objects);
      await preview(batch, signal);
      return await loadBatch(batch, signal);
    },
  };
}

/** @throws IngestError `lineage_missing` when rows of the objects do not name their object. */
function retraction({ files }: Batch, counted: Row | undefined): Retraction {
  const count = (name: string) => Number(counted?.[name] ?? 0);
  const without = count('without_lineage');
  if (without > 0) {
    const sentence =
      `An older version of sparkify loaded ${without} of ${countOf(files.length, 'object')}, ` +
      `${String(counted?.['without_lineage_key'])} among them, and did not store which rows came from them, so nothing was ` +
      'retracted. Run "sparkify backfill --reload" with the prefix of the objects, which stores this, and retract the objects ' +
      'again. Before that, put back objects that the bucket no longer has.';
    throw new IngestError('lineage_missing', sentence, { seen: { without, objects: files.length } });
  }
  return {
    objects: count('live'),
    plays: count('plays'),
    playsOfOthers: count('plays_of_others'),
    users: count('users'),
    songs: count('songs'),
  };
}

function retractBatch(
  { clock, random, settings }: LoadParts,
  lane: Dataset,
  objects: readonly RetractedObject[],
): Batch {
  const nothing = { etag: '', versionId: null, sequencer: null, size: 0, eventTimeMs: clock.nowMs() };
  const files = objects.map(({ bucket, key }): FileEvent => ({ change: 'delete', bucket, key, ...nothing }));
  return batchNow({ clock, random, consumer: settings.consumer }, { lane, source: 'retract', files, bytes: 0 });
}
