import { sqlInteger, sqlText } from '../core/sql/sql-literal.ts';
import type { SweepLedger } from '../core/sweep.ts';
import type { Looking } from './ask.ts';
import { ask, textOf, timeOrNull } from './ask.ts';

/** A person looks at quarantined objects, so there are rarely more. */
const MOST_QUARANTINED = 5_000;
const OBJECTS_PER_PAGE = 1_000;

/** The questions of a sweep. @param bucket the data bucket. */
export function sweepLedger(looking: Omit<Looking, 'signal'>, bucket: string): SweepLedger {
  return {
    quarantined: async (signal) => {
      const values = { bucket: sqlText(bucket), most: sqlInteger(MOST_QUARANTINED) };
      const { answer } = await ask({ ...looking, signal }, { answer: { file: '33_quarantined_unread.sql', values } });
      return answer.map((row) => ({
        key: textOf(row, 'object_key'),
        triedAtMs: Date.parse(timeOrNull(row, 'settled_at') ?? ''),
      }));
    },
    liveObjects: async (after, signal) => {
      const values = { after: sqlText(after), most: sqlInteger(OBJECTS_PER_PAGE) };
      const { answer } = await ask({ ...looking, signal }, { answer: { file: '58_live_objects.sql', values } });
      return answer.map((row) => ({
        objectId: textOf(row, 'object_id'),
        bucket: textOf(row, 'bucket'),
        key: textOf(row, 'object_key'),
      }));
    },
  };
}
