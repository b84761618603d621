import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Bounds } from '../core/bounds.ts';
import { bytesMs } from '../core/bounds.ts';
import { BoundedAttempt, abortError } from './bounded-attempt.ts';
import type { Call, HttpHandler, HttpRequest } from './bounded-attempt.ts';
import { NoAnswerError } from './no-answer-error.ts';

/** The used part of a client. */
type Client = { readonly config: { readonly requestHandler: unknown }; readonly middlewareStack: object };
type Stack = SQSClient['middlewareStack'];

/** Inputs of calls that share a time limit with earlier calls. */
const WITHIN_MS = new WeakMap<object, number>();

/**
 * Applies the bounds to every call of a client: to each attempt, to reading its response (the SDK's `requestTimeout` only writes a
 * warning and ignores the body), and to the whole call with its retries and the credentials that it may have to fetch.
 *
 * @param service name for error messages.
 * @param onAnswer called whenever the service sends something.
 */
export function boundCalls(
  client: Client,
  { bounds, onAnswer, service }: { readonly bounds: Bounds; readonly onAnswer: () => void; readonly service: string },
): void {
  const stack = client.middlewareStack as Stack;
  const calls = new WeakMap<object, Call>();
  stack.add(
    (next, context) => async (args) => {
      const input = args.input as Input;
      const call: Call = {
        service,
        operation: (context.commandName ?? '').replace(/Command$/, ''),
        signal: (context as SmithyContext).__smithy_context?.abortSignal,
        beganAtMs: performance.now(),
        longPollMs: (input.WaitTimeSeconds ?? 0) * bounds.peerSecondMs,
        firstAnswerMs: Math.min(bounds.firstAnswerMs, renewalMs(input, bounds)),
        over: null,
        attempt: null,
        longest: null,
        withinMs: WITHIN_MS.get(input) ?? bounds.toldWithinMs,
      };
      calls.set(context, call);
      return await endedInTime(next(args), call, call.withinMs + bytesMs(byteLength(input.Body), bounds));
    },
    { name: 'boundCall', step: 'initialize', priority: 'high' },
  );
  // Innermost, in place of the SDK's own call of its handler: only here can an attempt be aborted.
  stack.add(
    (_next, context) => async (args) => {
      const call = calls.get(context);
      if (call === undefined) throw new Error('A call without bounds.');
      const attempt = new BoundedAttempt({ call, bounds, onAnswer });
      return await attempt.send(client.config.requestHandler as HttpHandler, args.request as HttpRequest);
    },
    { name: 'boundAttempt', step: 'deserialize', priority: 'low' },
  );
}

/** Limits a call, retries included, to `ms`: the rest of a time limit that it shares with earlier calls. */
export function within<I extends object>(input: I, ms: number): I {
  WITHIN_MS.set(input, ms);
  return input;
}

type Input = {
  readonly Body?: unknown;
  readonly WaitTimeSeconds?: number;
  readonly Entries?: readonly { readonly VisibilityTimeout?: number }[];
};

type SmithyContext = { readonly __smithy_context?: { readonly abortSignal?: AbortSignal } };

/**
 * The renewal of a lease is given up after a quarter of the lease, so that there is time for another attempt: a lease of 10 s is
 * renewed after 5 s.
 */
function renewalMs({ Entries = [] }: Input, { firstAnswerMs, peerSecondMs: secondMs }: Bounds): number {
  const leases = Entries.flatMap(({ VisibilityTimeout = 0 }) => (VisibilityTimeout > 0 ? [VisibilityTimeout] : []));
  return Math.max(firstAnswerMs / 5, (Math.min(...leases) * secondMs) / 4);
}

/** Ends a call at the caller's signal or at its time limit. */
async function endedInTime<T>(ended: Promise<T>, call: Call, withinMs: number): Promise<T> {
  const { operation, service, signal } = call;
  ended.catch(() => undefined);
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = (error: Error): void => {
    call.over = error;
    reject(error);
  };
  const timer = setTimeout(() => {
    call.attempt?.giveUp('slow');
    const sentence = `${service} did not complete ${operation} within ${withinMs / 1000} s, retries and credentials included`;
    end(call.attempt?.unanswered ?? new NoAnswerError(sentence, { mayTryAgain: false }));
  }, withinMs);
  const onAbort = (): void => end(abortError(signal));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    return await Promise.race([ended, over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function byteLength(body: unknown): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : 0;
}
