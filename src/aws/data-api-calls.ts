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
import type { Clock, Random } from '../core/ports.ts';
import { within } from './bounded-clients.ts';
import { isQuotaError, isSessionBusy, isSessionError, mayHaveHappened, sdkErrorCode } from './error-codes.ts';
import { errorText, fromSdkError, ingestError } from './ingest-error.ts';
import { NoAnswerError } from './no-answer-error.ts';

/** Longest long poll of the Data API (Redshift docs, "long polling"). */
const LONG_POLL_SECONDS = 30;
/**
 * A submission waits for the end of its statement, so short that one without an answer can be made twice before somebody
 * has to be told. Both times with the same words: what the Data API does with other words under a known token is not
 * documented.
 */
const SUBMIT_SECONDS = 15;

/** A quota of the Data API is a matter of seconds: other statements end. Beyond this the caller pauses its intake. */
const QUOTA = { attempts: 6, minMs: 200, maxMs: 10_000 };
/** A session may take a moment to be usable, or to end what it runs; then it is given up for a new one. */
const BUSY_SESSION = { attempts: 5, minMs: 250, maxMs: 2_000 };
/** A lost answer is asked for again under the same token. The SDK has then tried several times already. */
const LOST_ANSWER = { attempts: 4, minMs: 500, maxMs: 8_000 };
/** A statement whose state cannot be read may still be running; a short outage must not turn it into a doubt. */
const LOST_SIGHT = { attempts: 8, minMs: 500, maxMs: 15_000 };

type Range = { readonly attempts: number; readonly minMs: number; readonly maxMs: number };
type Asked = { readonly isQuestion: boolean; readonly signal: AbortSignal };

/** The four calls of the Data API that the service makes, each with its own answer to trouble. */
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

  /** Calls made so far, whatever became of them. */
  get made(): number {
    return this.#made;
  }

  /**
   * Submits a transaction. Because its token makes a second submission harmless, a lost answer is simply asked for again.
   *
   * @throws IngestError `outcome_unknown` when no answer came at all and it is no question, `session_lost`, `throttled`, …
   */
  async submit(
    input: BatchExecuteStatementCommandInput,
    { isQuestion, signal }: Asked,
  ): Promise<BatchExecuteStatementCommandOutput> {
    const warehouse = input.ClusterIdentifier ?? input.WorkgroupName;
    const to = warehouse === undefined ? '' : ` to ${warehouse}, database ${input.Database ?? ''},`;
    const doing = `Submitting "${input.StatementName ?? ''}"${to}`;
    const again = this.#again(signal);
    let mayRun = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#made += 1;
        const asked = again.within({ ...input, WaitTimeSeconds: SUBMIT_SECONDS });
        return await this.#client.send(new BatchExecuteStatementCommand(asked), { abortSignal: signal });
      } catch (error) {
        if (signal.aborted) throw fromSdkError(error, doing);
        const isBusy = isSessionBusy(error) && attempt < BUSY_SESSION.attempts;
        if (input.SessionId !== undefined && isSessionError(error) && !isBusy) {
          throw ingestError('session_lost', doing, String(error), { cause: error });
        }
        mayRun ||= mayHaveHappened(error);
        const range = isBusy ? BUSY_SESSION : isQuotaError(error) ? QUOTA : mayRun ? LOST_ANSWER : null;
        if (range === null) throw fromSdkError(error, doing);
        if (!(await again.mayGoOn(error, attempt, range))) {
          if (!mayRun || isQuestion) throw fromSdkError(error, doing);
          throw ingestError('outcome_unknown', doing, errorText(error), { cause: error });
        }
      }
    }
  }

  /** The state of a statement, waiting up to 30 s for its end. */
  async describe(id: string, name: string, { isQuestion, signal }: Asked): Promise<DescribeStatementCommandOutput> {
    const again = this.#again(signal);
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#made += 1;
        // After a failure the question is whether anybody answers, which needs no wait.
        const asked = again.within(attempt === 1 ? { Id: id, WaitTimeSeconds: LONG_POLL_SECONDS } : { Id: id });
        return await this.#client.send(new DescribeStatementCommand(asked), { abortSignal: signal });
      } catch (error) {
        // No permission to ask: asking again does not help, and a person has to hear of it.
        if (signal.aborted || sdkErrorCode(error) === 'access_denied')
          throw fromSdkError(error, `Waiting for "${name}"`);
        if (!(await again.mayGoOn(error, attempt, LOST_SIGHT))) {
          if (isQuestion) throw fromSdkError(error, `Waiting for "${name}"`);
          const seen = { statementId: id };
          throw ingestError('outcome_unknown', `Waiting for "${name}" (${id})`, errorText(error), { seen, cause: error });
        }
      }
    }
  }

  /** One page of a result. */
  async resultPage(
    id: string,
    nextToken: string | undefined,
    signal: AbortSignal,
  ): Promise<GetStatementResultCommandOutput> {
    const again = this.#again(signal);
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#made += 1;
        const input = again.within({ Id: id, ...(nextToken === undefined ? {} : { NextToken: nextToken }) });
        return await this.#client.send(new GetStatementResultCommand(input), { abortSignal: signal });
      } catch (error) {
        const mayPass = isQuotaError(error) || mayHaveHappened(error);
        if (signal.aborted || !mayPass || !(await again.mayGoOn(error, attempt, QUOTA))) {
          throw fromSdkError(error, `Reading the result of statement ${id}`);
        }
      }
    }
  }

  /** Asks the warehouse to stop a statement that nobody waits for any more. May come too late, and says nothing then. */
  async cancel(id: string): Promise<void> {
    try {
      this.#made += 1;
      await this.#client.send(new CancelStatementCommand({ Id: id }), { abortSignal: AbortSignal.timeout(2_000) });
    } catch {
      // Finished meanwhile, or out of reach: either way there is nothing left to do, and a publish may run twice.
    }
  }

  /** Whether to ask once more, and how long all asking may take: until somebody has to be told. */
  #again(signal: AbortSignal) {
    const { firstAnswerMs, toldWithinMs } = this.#bounds;
    const untilMs = this.#clock.nowMs() + toldWithinMs;
    const leftMs = (): number => untilMs - this.#clock.nowMs();
    return {
      within: <I extends object>(input: I): I => within(input, leftMs()),
      /** Waits before it says yes. No answer was waited for long enough already. */
      mayGoOn: async (error: unknown, attempt: number, range: Range): Promise<boolean> => {
        const delayMs = error instanceof NoAnswerError ? 0 : backoffMs(attempt, range, this.#random);
        if (attempt >= range.attempts || delayMs + firstAnswerMs > leftMs()) return false;
        await this.#clock.sleep(delayMs, signal);
        return true;
      },
    };
  }
}
