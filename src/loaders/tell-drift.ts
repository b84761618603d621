import type { Drift } from '../core/drift.ts';
import { sumOfDrifts } from '../core/drift.ts';
import type { Emit } from '../core/events.ts';

/** Reports how the files of a batch differ from the description of their dataset, once for a key. */
export type TellDrift = (drifts: readonly Drift[]) => void;

/** One event for a batch and a key; the first of the process for a key is marked. */
export function createTellDrift(emit: Emit): TellDrift {
  let known: readonly Drift[] = [];
  return (drifts) => {
    for (const drift of drifts) {
      const all = sumOfDrifts(known, [drift]);
      const isFirst = all.length > known.length;
      known = all;
      emit({ kind: 'schema.drifted', drift, isFirst });
    }
  };
}
