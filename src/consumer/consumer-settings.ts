import type { BatchLimits } from '../core/intake/batch.ts';
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
    /** How long the load in flight may continue after the intake signal. */
    readonly drainSeconds: number;
    /** Maximum number of long polls at the same time. */
    readonly receivers: number;
    readonly longPollSeconds: number;
    /** `idle`: end when the queue is empty and nothing is held (`--until-idle`). */
    readonly until: 'stopped' | 'idle';
  };

/** Settings that have no environment variable. */
export const CONSUMER_DEFAULTS = {
  /** Each takes ten messages a call. Eight receivers were not faster than four and held more memory (`npm run bench -- latency`). */
  receivers: 4,
  /**
   * Shutdown never aborts a poll: messages that SQS is just delivering would stay invisible until their lease ends, and the
   * receive would count. So an idle consumer takes this long to stop. A message ends the poll at once. Two seconds cost 1.3
   * million requests a month, of which the first million is free.
   */
  longPollSeconds: 2,
  until: 'stopped',
} as const;
