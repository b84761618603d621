import type { BatchLimits } from '../core/batch.ts';
import type { RestLimits } from '../core/rest.ts';
import type { RouteSettings } from '../core/route.ts';

export type ConsumerSettings = BatchLimits &
  RestLimits & {
    /** The name of this consumer, for the log, the ledger and the batch ids. */
    readonly consumer: string;
    readonly queueUrl: string;
    readonly route: RouteSettings;
    /** Intake stops when this many files are held. */
    readonly maxHeldFiles: number;
    readonly visibilitySeconds: number;
    /** How long the load in flight may go on after the intake signal. */
    readonly drainSeconds: number;
    /** Long polls at the same time, at most. */
    readonly receivers: number;
    readonly longPollSeconds: number;
    /** `idle`: end when the queue is empty and nothing is held (`--until-idle`). */
    readonly until: 'stopped' | 'idle';
  };

/** What the settings of the environment do not name. */
export const CONSUMER_DEFAULTS = {
  /** Each takes ten messages a call; eight were no faster than four and held more memory (`npm run bench -- latency`). */
  receivers: 4,
  /**
   * A poll under way is never cut off at shutdown: what the queue is just handing out would be invisible to everybody
   * until its lease ends, and its receive would be counted. So this is also how long an idle consumer takes to stop. A
   * message ends the poll at once, whatever stands here; two seconds cost 1.3 million requests a month, of which SQS gives
   * the first million away.
   */
  longPollSeconds: 2,
  until: 'stopped',
} as const;
