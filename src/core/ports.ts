import type { FileEvent } from './file-event.ts';

/** Where the decisions of `core` meet the outside; `src/aws` implements them, `src/app/compose.ts` joins them. */

/** A message as it came; `body` is parsed only by `core/notification.ts`. */
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
 * Per-entry outcome of a batch call. Entries that failed are named; the caller retries those only. `sentence` says what
 * was seen when the call of an entry failed as a whole.
 */
export type BatchCallResult = {
  readonly failed: readonly { receiptHandle: string; code: string; retryable: boolean; sentence?: string }[];
};

export interface Queue {
  /** Long poll: 1–10 messages or none after `waitSeconds` (0–20). Aborting ends the wait at once. */
  receive(input: {
    max: number;
    waitSeconds: number;
    visibilitySeconds: number;
    signal: AbortSignal;
  }): Promise<readonly QueueMessage[]>;
  /** Up to any number; split into calls of ten. Aborting ends all calls: entries without an answer are failed ones. */
  delete(receiptHandles: readonly string[], signal: AbortSignal): Promise<BatchCallResult>;
  /** Sets what remains of the lease, counted from now; 0 hands the message back at once. */
  changeVisibility(
    receiptHandles: readonly string[],
    visibilitySeconds: number,
    signal: AbortSignal,
  ): Promise<BatchCallResult>;
  /** Puts a message that no version of the program can read on the dead-letter queue with the reason as attribute. */
  park(message: QueueMessage, reason: string, signal: AbortSignal): Promise<void>;
}

/** What S3 itself says of the version of an object that it delivers. */
export type ObjectVersion = {
  /** Without quotes. */
  readonly etag: string;
  /** Content-Length, in bytes. */
  readonly size: number;
  /** Epoch ms, whole seconds. */
  readonly lastModifiedMs: number;
};

/** An object whose transfer has begun. */
export type OpenObject = ObjectVersion & {
  /** The content, once. A transfer that breaks throws an IngestError. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the transfer. Whoever opened the object calls it, whether the body was read or not. */
  close(): void;
};

export interface ObjectStore {
  /** @param input.ifAbsent leaves an object that is there as it is and throws IngestError `object_exists`. */
  put(input: {
    bucket: string;
    key: string;
    body: string | Uint8Array;
    contentType: string;
    ifAbsent?: boolean;
    signal: AbortSignal;
  }): Promise<void>;
  /** Deletes objects, of which some may not be there. @throws IngestError with a sentence about the first that S3 refuses. */
  remove(input: { bucket: string; keys: readonly string[]; signal: AbortSignal }): Promise<void>;
  /** Begins to read an object; `null` when the object is not there (any more). */
  open(input: { bucket: string; key: string; signal: AbortSignal }): Promise<OpenObject | null>;
  /** The version that is there now, if this program may read the object; at most one byte of it is read. @throws IngestError as `open` does. */
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
  /** For which the warehouse worked on it, or waited for a lock; 0 where the warehouse does not say. */
  readonly durationMs: number;
  /** Rows returned or affected; -1 where the warehouse does not say. */
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
   * @param begin statements (SET) that run first in the first transaction of every session that this one comes to be.
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
   * @param isQuestion nothing that it does outlives the session, so that an answer that does not come is an outage like
   *   any other and leaves no doubt behind.
   * @returns one result per statement, in order.
   * @throws IngestError; `outcome_unknown` when it cannot be told whether a transaction that is no question committed.
   */
  transaction(input: {
    name: string;
    token: string;
    statements: readonly string[];
    isQuestion?: boolean;
    signal: AbortSignal;
  }): Promise<readonly StatementResult[]>;
  /** All rows of a finished statement, all pages. */
  rows(statement: StatementResult, signal: AbortSignal): Promise<readonly Row[]>;
  /** Forgets the session; the next transaction opens a new one. */
  reset(): void;
}

/** The real ones are in `src/app/real.ts`; nothing else reads the clock or throws dice. */
export interface Clock {
  nowMs(): number;
  /** Resolves after `ms`, or at once when aborted (then too it resolves; look at the signal). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Uniform in [0, 1). */
export type Random = () => number;
