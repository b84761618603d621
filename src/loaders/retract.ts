import { countOf } from '../core/count-of.ts';
import { batchNow } from '../core/batch-id.ts';
import type { Dataset } from '../core/dataset.ts';
import type { Decision } from '../core/decision.ts';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import { numbered } from '../core/loading/ledger.ts';
import { retractionPlan } from '../core/loading/load-plan.ts';
import { countedRows } from '../core/loading/retraction.ts';
import type { RetractedObject, Retraction } from '../core/loading/retraction.ts';
import type { Batch } from '../core/load.ts';
import type { Row, Warehouse } from '../core/ports.ts';
import { putFileList } from './know.ts';
import type { LoadParts } from './load-context.ts';
import { loadContext, runPlan } from './load-context.ts';
import { SessionPool } from './session-pool.ts';

/**
 * Counts what it would change to remove the rows that only these objects contributed, and changes nothing.
 *
 * @throws IngestError `lineage_missing` when an older program loaded an object, and otherwise as a load does.
 */
type PlanRetraction = (
  dataset: Dataset,
  objects: readonly RetractedObject[],
  signal: AbortSignal,
) => Promise<Retraction>;

export function createPlanRetraction(parts: LoadParts & { readonly warehouse: Warehouse }): PlanRetraction {
  const sessions = new SessionPool(parts.warehouse, parts.settings.schema);
  return async (dataset, objects, signal) => {
    const batch = retractionBatch(parts, { dataset, objects, planned: '', operator: '', why: null });
    const session = sessions.take();
    const token = (stage: string) => `${stage}-${batch.id}`;
    const context = loadContext(parts, { batch, session, signal, token, refusal: null });
    const plan = retractionPlan(await putFileList(context, numbered(batch)), dataset);
    const { rowsOf } = await runPlan(context, plan);
    sessions.giveBack(session);
    return retraction(dataset, objects, { known: rowsOf('known'), counted: rowsOf('counts')[0] });
  };
}

/**
 * The batch that removes the rows of these objects, whether or not they are in the bucket: all of them, or none. A load of it ends
 * with `plan_changed` and changes nothing if the counts are not the planned ones.
 */
export function retractionBatch(
  {
    clock,
    random,
    settings,
  }: Pick<LoadParts, 'clock' | 'random'> & { readonly settings: { readonly consumer: string } },
  input: Pick<Retraction, 'dataset' | 'planned'> & { readonly objects: readonly RetractedObject[] } & Pick<
      Decision,
      'operator' | 'why'
    >,
): Batch {
  const { dataset: lane, objects, operator, planned, why } = input;
  const nothing = { etag: '', versionId: null, sequencer: null, size: 0, eventTimeMs: clock.nowMs() };
  const files = objects.map(({ bucket, key }): FileEvent => ({ change: 'delete', bucket, key, ...nothing }));
  const decision: Decision = { action: 'retract', operator, why, planned };
  const batch = { lane, source: 'operator', files, bytes: 0, decision } as const;
  return batchNow({ clock, random, consumer: settings.consumer }, batch);
}

function retraction(
  dataset: Dataset,
  objects: readonly RetractedObject[],
  { counted, known }: { readonly known: readonly Row[]; readonly counted: Row | undefined },
): Retraction {
  const count = (name: string) => Number(counted?.[name] ?? 0);
  const without = count('without_lineage');
  if (without > 0) {
    const sentence =
      `An older version of sparkify loaded ${without} of ${countOf(objects.length, 'object')}, ` +
      `${String(counted?.['without_lineage_key'])} among them, and did not store which rows came from them, so nothing was ` +
      'retracted. Run "sparkify reload --prefix" with the prefix of the objects, which stores this, and retract the objects ' +
      'again. Before that, put back objects that the bucket no longer has.';
    throw new IngestError('lineage_missing', sentence, { seen: { without, objects: objects.length } });
  }
  const entries = new Map(known.map((row) => [Number(row['file_number']), row]));
  const planned = String(counted?.['counts_as_planned'] ?? '');
  return {
    dataset,
    objects: objects.map(({ bucket, key }, index) => {
      const entry = entries.get(index + 1);
      const status = entry?.['status'] ?? null;
      return { bucket, key, status: status === null ? null : String(status), rows: Number(entry?.['rows_kept'] ?? 0) };
    }),
    tables: countedRows(planned),
    rowsInAll: count(dataset === 'logs' ? 'songplays' : 'songs'),
    planned,
  };
}
