import type { ErrorCode } from '../src/core/errors.ts';
import type { ReadLimits } from '../src/loaders/load-context.ts';
import type { Unreadable } from './bucket.ts';
import type { Fault, Target } from './faults.ts';
import type { Upload } from './uploads.ts';

/** How an object version is announced. */
export const NOTICE_SHAPES = ['s3', 'sns', 'eventbridge'] as const;
export type NoticeShape = (typeof NOTICE_SHAPES)[number];

/** What a record says instead of the truth. */
export type Claims = {
  readonly bucket?: string;
  readonly etag?: string;
  readonly size?: number | null;
  readonly sequencer?: string | null;
  readonly versionId?: string;
  /** Of the time, from the true one. */
  readonly timeOffMs?: number;
};

/** A record of a forged notice. `isPossible`: the ledger can store what it says. */
export type Forged = { readonly key: string; readonly claims: Claims; readonly isPossible: boolean };

/** One thing that happens in the world around the service. It holds all that it needs: any of them can be left out. */
export type Operation = { readonly atMs: number } & (
  | {
      readonly kind: 'put';
      /** Several objects are announced in one message. */
      readonly objects: readonly { readonly key: string; readonly upload: Upload }[];
      /** Delays in ms after which a message is sent; at least one. */
      readonly notices: readonly number[];
      /** How long ago the upload began: that is last-modified, of an upload in parts. */
      readonly uploadMs: number;
    }
  /** The previous version of an object becomes current without a notification: the current one was removed. */
  | { readonly kind: 'revert'; readonly key: string }
  /** `notices`: as of a put. */
  | { readonly kind: 'remove'; readonly key: string; readonly notices: readonly number[] }
  | { readonly kind: 'foreign'; readonly body: string; readonly isUnreadable: boolean }
  /** Somebody who may send to the queue announces what S3 does not, in one message. */
  | { readonly kind: 'forge'; readonly shape: NoticeShape; readonly records: readonly Forged[] }
  /** The queue delivers a message once more that it delivered before; `message` counts those sent, modulo. */
  | { readonly kind: 'again'; readonly message: number }
  | { readonly kind: 'crash'; readonly consumer: number; readonly backAfterMs: number }
  | { readonly kind: 'stop'; readonly consumer: number; readonly isHurried: boolean; readonly backAfterMs: number }
  | { readonly kind: 'jump'; readonly consumer: number; readonly byMs: number }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly count: number }
  | { readonly kind: 'away'; readonly target: Target; readonly forMs: number; readonly code: ErrorCode }
  /** Objects whose keys begin so; `forMs` null: until everything else has come to rest. */
  | { readonly kind: 'unreadable'; readonly under: string; readonly how: Unreadable; readonly forMs: number | null }
  | { readonly kind: 'restart_warehouse'; readonly awayMs: number }
  /** `crashAfterMs` null: it runs to its end. `keys`: a person reloads only these, also when they are retracted. */
  | {
      readonly kind: 'backfill';
      readonly isReload: boolean;
      readonly crashAfterMs: number | null;
      readonly keys?: readonly string[];
    }
  /** A person retracts objects, and tries again until it is done. */
  | { readonly kind: 'retract'; readonly keys: readonly string[] }
  /** What the logs have loaded so far is now what a program from before the lineage would have loaded. */
  | { readonly kind: 'upgrade' }
);

export type OnDelete = 'keep' | 'remove';

export type HistorySettings = {
  readonly consumers: number;
  /** `mixed`: the queue is subscribed in several ways, and each notice of a version comes in another. */
  readonly shape: NoticeShape | 'mixed';
  readonly lingerMs: number;
  readonly batchMaxFiles: number;
  readonly batchMaxBytes: number;
  readonly batchMaxAgeMs: number;
  readonly loadIntervalMs: number;
  readonly loadRest: number;
  readonly loadRestMaxMs: number;
  readonly maxHeldFiles: number;
  readonly visibilitySeconds: number;
  readonly drainSeconds: number;
  readonly receivers: number;
  readonly longPollSeconds: number;
  /** How much the loader reads for one batch, and at once. */
  readonly readLimits: ReadLimits;
  /** What each consumer does about a deletion, by its place. */
  readonly onDelete: readonly OnDelete[];
  /** Every batch is published by the exact plan. */
  readonly isAlwaysExact: boolean;
};

/** Everything that a run depends on, together with the service itself. */
export type History = {
  readonly seed: number;
  readonly settings: HistorySettings;
  /** In the order of their times. */
  readonly operations: readonly Operation[];
};

/** Nothing fails and nobody crashes by it: a consumer that ends then has been stopped by what it was given. */
export function isCalmKind(kind: Operation['kind']): boolean {
  return ['put', 'remove', 'revert', 'foreign', 'forge', 'again', 'backfill', 'retract'].includes(kind);
}

/** One line for the person who reads a failing history. */
export function operationLine(operation: Operation): string {
  const { atMs, ...rest } = operation;
  const shortened = JSON.stringify(rest, (key, value: unknown) => {
    if (key === 'truth') return undefined;
    return typeof value === 'string' && value.length > 2_000 ? `${value.slice(0, 2_000)}…` : value;
  });
  return `${(atMs / 1000).toFixed(3).padStart(9)}  ${shortened}`;
}
