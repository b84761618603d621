import { batchNow } from '../core/batch-id.ts';
import type { Dataset } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import { numbered } from '../core/loading/ledger.ts';
import { retractionPlan } from '../core/loading/load-plan.ts';
import type { Batch, LoadBatch, LoadOutcome } from '../core/load.ts';
import type { Warehouse } from '../core/ports.ts';
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
  /** Counts what `run` would change, and changes nothing. @throws IngestError as a load does. */
  readonly preview: (dataset: Dataset, objects: readonly RetractedObject[], signal: AbortSignal) => Promise<Retraction>;
  /** @throws IngestError as a load does. */
  readonly run: (dataset: Dataset, objects: readonly RetractedObject[], signal: AbortSignal) => Promise<LoadOutcome>;
};

type RetractedObject = Pick<FileEvent, 'bucket' | 'key'>;

export function createRetract(parts: LoadParts & { readonly warehouse: Warehouse }, loadBatch: LoadBatch): Retract {
  const sessions = new SessionPool(parts.warehouse, parts.settings.schema);
  const batchOf = (lane: Dataset, objects: readonly RetractedObject[]): Batch => retractBatch(parts, lane, objects);
  return {
    run: async (dataset, objects, signal) => await loadBatch(batchOf(dataset, objects), signal),
    preview: async (dataset, objects, signal) => {
      const batch = batchOf(dataset, objects);
      const session = sessions.take();
      const token = (stage: string) => `${stage}-${batch.id}`;
      const context = loadContext(parts, { batch, session, signal, token, refusal: null });
      const plan = retractionPlan(await putFileList(context, numbered(batch)));
      const { rowsOf } = await runPlan(context, plan);
      sessions.giveBack(session);
      const count = (name: string) => Number(rowsOf('counts')[0]?.[name] ?? 0);
      const playsOfOthers = count('plays_of_others');
      return {
        objects: count('live'),
        plays: count('plays'),
        playsOfOthers,
        users: count('users'),
        songs: count('songs'),
      };
    },
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
