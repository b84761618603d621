import type { FileEvent } from './file-event.ts';

/** The interfaces between `core` and the outside. `src/aws` implements them, `src/app/compose.ts` joins them. */

/** A received message; only `core/intake/notification.ts` parses `body`. */
export type QueueMessage = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** Deliveries so far, this one included. */
  readonly receiveCount: number;
  /** Epoch ms at which the queue took the message. */
  readonly sentAtMs: number;
};

/**
 * Result of a batch call: the entries that failed. The caller retries only these. `sentence` is the error of the whole call, if
 * the whole call failed.
 */
export type BatchCallResult = {
  readonly failed: readonly { receiptHandle: string; code: string; retryable: boolean; sentence?: string }[];
};

export interface Queue {
  /** Long poll: up to `max` (1–10) messages, or none after `waitSeconds` (0–20). Aborting ends the wait at once. */
  receive(input: {
    max: number;
    waitSeconds: number;
    visibilitySeconds: number;
    signal: AbortSignal;
  }): Promise<readonly QueueMessage[]>;
  /** Any number of messages, in calls of ten. Aborting ends all calls; entries without an answer have failed. */
  delete(receiptHandles: readonly string[], signal: AbortSignal): Promise<BatchCallResult>;
  /** Sets the visibility timeout, counted from now; 0 releases the message at once. */
  changeVisibility(
    receiptHandles: readonly string[],
    visibilitySeconds: number,
    signal: AbortSignal,
  ): Promise<BatchCallResult>;
  /** Sends an unreadable message to the dead-letter queue, with the reason as a message attribute. */
  park(message: QueueMessage, reason: string, signal: AbortSignal): Promise<void>;
}

/** The queue, for a backfill that leaves the loading to the consumers. */
export interface QueueFeed {
  /** Messages that can be received now, approximately. */
  waiting(signal: AbortSignal): Promise<number>;
  /** Sends message bodies. @throws IngestError when SQS does not take all of them. */
  send(bodies: readonly string[], signal: AbortSignal): Promise<void>;
}

/** A queue configuration of a bucket. `prefix`, `suffix`: of its filter. */
export type QueueNotification = {
  readonly id: string;
  readonly queueArn: string;
  readonly events: readonly string[];
  readonly prefix: string | null;
  readonly suffix: string | null;
};

export type BucketNotifications = { readonly queues: readonly QueueNotification[]; readonly isEventBridgeOn: boolean };

export type QueueDescription = {
  readonly arn: string;
  readonly retentionSeconds: number;
  /** A JSON document; `null` without one. */
  readonly policy: string | null;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | null;
};

/** What surrounds the service, for `doctor`. Nothing here changes anything. All throw IngestError. */
export interface Surroundings {
  /** The access key with which requests are signed. */
  accessKeyId(): Promise<string>;
  bucketRegion(bucket: string, signal: AbortSignal): Promise<string>;
  notifications(bucket: string, signal: AbortSignal): Promise<BucketNotifications>;
  queue(queueUrl: string, signal: AbortSignal): Promise<QueueDescription>;
  /** The ARNs of the roles that are attached to a cluster. */
  clusterRoles(cluster: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** The version of an object, as S3 delivers it. */
export type ObjectVersion = {
  /** Without quotes. */
  readonly etag: string;
  /** Content-Length, in bytes. */
  readonly size: number;
  /** Epoch ms, whole seconds. */
  readonly lastModifiedMs: number;
};

/** An object whose transfer has started. */
export type OpenObject = ObjectVersion & {
  /** The content; can be read once. Throws an IngestError when the transfer breaks. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the transfer. The caller of `open` calls it, whether the body was read or not. */
  close(): void;
};

export interface ObjectStore {
  /** @param input.ifAbsent throws IngestError `object_exists` instead of overwriting an object. */
  put(input: {
    bucket: string;
    key: string;
    body: string | Uint8Array;
    contentType: string;
    ifAbsent?: boolean;
    signal: AbortSignal;
  }): Promise<void>;
  /** Deletes objects, some of which may not exist. @throws IngestError about the first object that S3 refuses to delete. */
  remove(input: { bucket: string; keys: readonly string[]; signal: AbortSignal }): Promise<void>;
  /** Starts to read an object; `null` when the object does not exist. */
  open(input: { bucket: string; key: string; signal: AbortSignal }): Promise<OpenObject | null>;
  /** The current version of an object; reads at most one byte to check that the object is readable. @throws IngestError as `open` does. */
  probe(input: { bucket: string; key: string; signal: AbortSignal }): Promise<Omit<ObjectVersion, 'size'> | null>;
  /** All objects under a prefix, page by page, as file events (`sequencer` null, `eventTimeMs` = last-modified). */
  list(input: { bucket: string; prefix: string; signal: AbortSignal }): AsyncIterable<readonly FileEvent[]>;
}

/** A value as the Data API gives it: numbers for integers and doubles, text for everything else. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

export type StatementResult = {
  /** `<uuid>` or `<uuid>:<n>`, for `rows`. */
  readonly id: string;
  readonly queryId: number | null;
  /** Running time in the warehouse, including waits for locks; 0 if unknown. */
  readonly durationMs: number;
  /** Rows returned or affected; -1 if unknown. */
  readonly resultRows: number;
  readonly hasResultSet: boolean;
};

/**
 * The warehouse behind the Data API. A *session* keeps temporary tables between calls and runs one statement (or
 * batch) at a time.
 */
export interface Warehouse {
  /**
   * Opens a session lazily: the first `transaction` on it creates it. Never throws, sends nothing.
   *
   * @param begin statements (SET) that run first in the first transaction of every underlying session.
   */
  openSession(begin?: readonly string[]): WarehouseSession;
  /** Data API calls made so far by this process. */
  roundTrips(): number;
}

export interface WarehouseSession {
  /**
   * Runs the statements in one transaction and waits for its end.
   *
   * @param token idempotency token (≤ 64 characters): the same token never runs twice within 8 hours.
   * @param isLasting whether anything that the statements do outlives the session. If not, an answer that does not come is an
   *   outage like any other and leaves no doubt.
   * @returns one result per statement, in order.
   * @throws IngestError; `outcome_unknown` when it cannot be told whether a lasting transaction committed.
   */
  transaction(input: {
    name: string;
    token: string;
    statements: readonly string[];
    isLasting: boolean;
    signal: AbortSignal;
  }): Promise<readonly StatementResult[]>;
  /** All rows of a finished statement, all pages. */
  rows(statement: StatementResult, signal: AbortSignal): Promise<readonly Row[]>;
  /** Forgets the session; the next transaction opens a new one. */
  reset(): void;
}

/** `src/app/real.ts` has the real clock and random numbers; no other code reads them. */
export interface Clock {
  nowMs(): number;
  /** Resolves after `ms`, or at once when aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Uniform in [0, 1). */
export type Random = () => number;
