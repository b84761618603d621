import type {
  BatchExecuteStatementCommandInput,
  BatchExecuteStatementCommandOutput,
  DescribeStatementCommandOutput,
  GetStatementResultCommandOutput,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
import { backoffMs } from '../core/backoff.ts';
import type { Bounds } from '../core/bounds.ts';
import type { IngestError } from '../core/errors.ts';
import type { Clock, Random } from '../core/ports.ts';
import { retry } from '../core/retry.ts';
import { within } from './bounded-clients.ts';
import { isQuotaError, isSessionBusy, isSessionError, mayHaveHappened, sdkErrorCode } from './recognise-error.ts';
import { errorText, fromSdkError, ingestError } from './ingest-error.ts';
import { NoAnswerError } from './no-answer-error.ts';

/** Longest long poll of the Data API (Redshift docs, "long polling"). */
const LONG_POLL_SECONDS = 30;
/**
 * A submission waits this long for the end of its statement: short enough that a submission without a reply can be repeated within
 * the time limit. Both submissions are equal, because a known token with other input is not documented.
 */
const SUBMIT_SECONDS = 15;

/** Quotas of the Data API free up in seconds, when other statements end. After these attempts the caller pauses its intake. */
const QUOTA = { attempts: 6, minMs: 200, maxMs: 10_000 };
/** A session may need a moment until it is usable. After these attempts it is replaced by a new one. */
const BUSY_SESSION = { attempts: 5, minMs: 250, maxMs: 2_000 };
/** A lost reply is requested again under the same token, after the retries of the SDK. */
const LOST_ANSWER = { attempts: 4, minMs: 500, maxMs: 8_000 };
/** A statement whose state cannot be read may still be running; a short outage must not make its outcome unknown. */
const LOST_SIGHT = { attempts: 8, minMs: 500, maxMs: 15_000 };

type Range = { readonly attempts: number; readonly minMs: number; readonly maxMs: number };
type Asked = { readonly isLasting: boolean; readonly signal: AbortSignal };

/** The four Data API calls that the service makes, each with its own retries. */
export class DataApiCalls {
  readonly #client: RedshiftDataClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #bounds: Bounds;
  #made = 0;

  constructor(parts: { client: RedshiftDataClient; clock: Clock; random: Random; bounds: Bounds }) {
    this.#client = parts.client;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#bounds = parts.bounds;
  }

  /** Calls made so far, failed ones included. */
  get made(): number {
    return this.#made;
  }

  /**
   * Submits a transaction. Its token makes a second submission harmless, so a lost reply is simply requested again.
   *
   * @throws IngestError `session_lost`, `throttled`, …; `outcome_unknown` without a reply to a lasting transaction.
   */
  async submit(
    input: BatchExecuteStatementCommandInput,
    { isLasting, signal }: Asked,
  ): Promise<BatchExecuteStatementCommandOutput> {
    const warehouse = input.ClusterIdentifier ?? input.WorkgroupName;
    const to = warehouse === undefined ? '' : ` to ${warehouse}, database ${input.Database ?? ''},`;
    const doing = `Submitting "${input.StatementName ?? ''}"${to}`;
    let mayRun = false;
    return await this.#call(
      async (bounded) => {
        const asked = bounded({ ...input, WaitTimeSeconds: SUBMIT_SECONDS });
        return await this.#client.send(new BatchExecuteStatementCommand(asked), { abortSignal: signal });
      },
      {
        signal,
        rangeOf: (error, attempt) => {
          const isBusy = isSessionBusy(error) && attempt < BUSY_SESSION.attempts;
          if (input.SessionId !== undefined && isSessionError(error) && !isBusy) {
            throw ingestError('session_lost', doing, String(error), { cause: error });
          }
          mayRun ||= mayHaveHappened(error);
          if (isBusy) return BUSY_SESSION;
          return isQuotaError(error) ? QUOTA : mayRun ? LOST_ANSWER : null;
        },
        failed: (error) =>
          signal.aborted || !mayRun || !isLasting
            ? fromSdkError(error, doing)
            : ingestError('outcome_unknown', doing, errorText(error), { cause: error }),
      },
    );
  }

  /** The state of a statement, waiting up to 30 s for its end. */
  async describe(id: string, name: string, { isLasting, signal }: Asked): Promise<DescribeStatementCommandOutput> {
    // Without permission, retrying does not help.
    const isDenied = (error: unknown): boolean => sdkErrorCode(error) === 'access_denied';
    return await this.#call(
      async (bounded, attempt) => {
        // After a failure, ask without a long poll to see whether the service answers.
        const asked = bounded(attempt === 1 ? { Id: id, WaitTimeSeconds: LONG_POLL_SECONDS } : { Id: id });
        return await this.#client.send(new DescribeStatementCommand(asked), { abortSignal: signal });
      },
      {
        signal,
        rangeOf: (error) => (isDenied(error) ? null : LOST_SIGHT),
        failed: (error) =>
          signal.aborted || isDenied(error) || !isLasting
            ? fromSdkError(error, `Waiting for "${name}"`)
            : ingestError('outcome_unknown', `Waiting for "${name}" (${id})`, errorText(error), {
                seen: { statementId: id },
                cause: error,
              }),
      },
    );
  }

  /** One page of a result. */
  async resultPage(
    id: string,
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<GetStatementResultCommandOutput> {
    return await this.#call(
      async (bounded) => {
        const asked = bounded({ Id: id, ...(nextToken === undefined ? {} : { NextToken: nextToken }) });
        return await this.#client.send(new GetStatementResultCommand(asked), { abortSignal: signal });
      },
      {
        signal,
        rangeOf: (error) => (isQuotaError(error) || mayHaveHappened(error) ? QUOTA : null),
        failed: (error) => fromSdkError(error, `Reading the result of statement ${id}`),
      },
    );
  }

  /** Cancels a statement that is no longer needed. Never throws; the call may come too late. */
  async cancel(id: string): Promise<void> {
    try {
      this.#made += 1;
      await this.#client.send(new CancelStatementCommand({ Id: id }), { abortSignal: AbortSignal.timeout(2_000) });
    } catch {
      // The statement has finished, or the service is unreachable. Publishing twice is harmless.
    }
  }

  /**
   * Makes a call, and repeats it as often as the range of each error allows. All attempts together have `toldWithinMs`.
   *
   * @param send sends an input that `bounded` has given the time that is left.
   * @param on.rangeOf `null`: the call is not repeated.
   */
  async #call<O>(
    send: (bounded: <I extends object>(input: I) => I, attempt: number) => Promise<O>,
    on: {
      readonly signal: AbortSignal;
      readonly rangeOf: (error: unknown, attempt: number) => Range | null;
      readonly failed: (error: unknown) => IngestError;
    },
  ): Promise<O> {
    const { failed, rangeOf, signal } = on;
    const { firstAnswerMs, toldWithinMs } = this.#bounds;
    const untilMs = this.#clock.nowMs() + toldWithinMs;
    const leftMs = (): number => untilMs - this.#clock.nowMs();
    const call = async (attempt: number): Promise<O> => {
      this.#made += 1;
      return await send((input) => within(input, leftMs()), attempt);
    };
    const delayMs = (error: unknown, attempt: number): number => {
      const range = signal.aborted ? null : rangeOf(error, attempt);
      if (range === null || attempt >= range.attempts) throw failed(error);
      // A call without an answer has waited already.
      const waitMs = error instanceof NoAnswerError ? 0 : backoffMs(attempt, range, this.#random);
      if (waitMs + firstAnswerMs > leftMs()) throw failed(error);
      return waitMs;
    };
    return await retry(call, { clock: this.#clock, signal, delayMs });
  }
}
