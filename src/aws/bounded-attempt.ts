import { Readable } from 'node:stream';
import type { Bounds } from '../core/bounds.ts';
import { bytesMs } from '../core/bounds.ts';
import { NoAnswerError } from './no-answer-error.ts';
import { Waiting } from './waiting.ts';
import type { TooLong } from './waiting.ts';

/** A call with all its attempts. Times are milliseconds, `beganAtMs` of the monotonic clock. */
export type Call = {
  readonly service: string;
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  readonly beganAtMs: number;
  readonly longPollMs: number;
  readonly firstAnswerMs: number;
  readonly withinMs: number;
  /** Why the call ended; `null` while the caller waits for it. */
  over: Error | null;
  /** The attempt under way, or the last one. */
  attempt: BoundedAttempt | null;
  /** The attempt that waited longest without success, for the error message. */
  longest: { readonly waitedMs: number; readonly sentence: string } | null;
};

/** The used part of the SDK's types. */
export type HttpRequest = { readonly hostname: string; readonly port?: number; readonly body?: unknown };
type HttpResponse = { readonly headers: Readonly<Record<string, string>>; body: Readable };
export type HttpHandler = {
  handle(
    request: HttpRequest,
    options: { readonly abortSignal: AbortSignal },
  ): Promise<{ readonly response: HttpResponse }>;
};

/** Request bodies are sent in pieces of this size, which shows whether the peer accepts any. */
const PIECE_BYTES = 64 * 1024;
/** Bytes of a request that the system may buffer before the peer accepts them. */
const SYSTEM_BUFFER_BYTES = 4 * 1024 * 1024;

type Phase = 'request' | 'answer' | 'body';

/** One attempt of a call: one request and the reading of its answer. */
export class BoundedAttempt {
  readonly #call: Call;
  readonly #bounds: Bounds;
  readonly #onAnswer: () => void;
  readonly #waiting: Waiting;
  readonly #beganAtMs = performance.now();
  readonly #cut = new AbortController();
  readonly #over = Promise.withResolvers<never>();
  #phase: Phase = 'request';
  #peer = '';
  /** Size of the request, then of the response in bytes; `null` if the response has no Content-Length. */
  #expected: number | null = null;
  #bytes = 0;
  #unanswered: NoAnswerError | null = null;
  #hasEnded = false;
  #answer: Readable | null = null;

  constructor(parts: { readonly call: Call; readonly bounds: Bounds; readonly onAnswer: () => void }) {
    this.#call = parts.call;
    this.#bounds = parts.bounds;
    this.#onAnswer = parts.onAnswer;
    const { longPollMs, withinMs, beganAtMs } = parts.call;
    const leftMs = withinMs - (this.#beganAtMs - beganAtMs);
    const transferMs = Math.min(parts.bounds.transferMs + longPollMs, leftMs);
    const bytesPerMs = parts.bounds.bytesPerSecond / 1000;
    this.#waiting = new Waiting({ transferMs, bytesPerMs }, (reason) => this.giveUp(reason));
    parts.call.attempt = this;
  }

  /** The error if the attempt was given up. */
  get unanswered(): NoAnswerError | null {
    return this.#unanswered;
  }

  /** Ends the attempt now, unless it has ended. */
  giveUp(reason: TooLong): void {
    if (this.#hasEnded) return;
    this.#waiting.end(0);
    this.#unanswered = this.#tooLong(reason);
    this.#end(this.#unanswered);
  }

  /** @returns the response; the bounds also apply to its body. */
  async send(handler: HttpHandler, request: HttpRequest): Promise<{ readonly response: HttpResponse }> {
    const { over, signal } = this.#call;
    // The call ended while the SDK was waiting to retry.
    if (over !== null) throw over;
    this.#peer = request.port === undefined ? request.hostname : `${request.hostname}:${request.port}`;
    this.#over.promise.catch(() => undefined);
    const onAbort = (): void => this.#end(abortError(signal));
    signal?.addEventListener('abort', onAbort, { once: true });
    const letGo = (): void => signal?.removeEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    try {
      const sent = { ...request, body: this.#watched(request.body) };
      const answered = handler.handle(sent, { abortSignal: this.#cut.signal });
      const { response } = await Promise.race([answered, this.#over.promise]);
      this.#waiting.end(0);
      this.#onAnswer();
      response.body.once('close', letGo);
      response.body = this.#readAnswer(response);
      return { response };
    } catch (error) {
      this.#hasEnded = true;
      this.#waiting.end(0);
      letGo();
      throw error;
    }
  }

  /** Starts the wait for the response when the whole request is sent. */
  #watched(body: unknown): unknown {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (bytes instanceof Uint8Array && bytes.byteLength > PIECE_BYTES) {
      this.#expected = bytes.byteLength;
      this.#waiting.begin(this.#bounds.silenceMs);
      return Readable.from(this.#pieces(bytes), { objectMode: false, highWaterMark: 0 });
    }
    this.#waitForAnswer(bytes instanceof Uint8Array ? bytes.byteLength : 0);
    return body;
  }

  // The network asks for the next piece when it has accepted the last one.
  *#pieces(bytes: Uint8Array): Iterable<Uint8Array> {
    for (let from = 0; from < bytes.byteLength; from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      yield piece;
      // A response before the end of the request is a refusal.
      if (this.#phase !== 'request') continue;
      this.#transferred(piece.byteLength);
      this.#waiting.begin(this.#bounds.silenceMs);
    }
    if (this.#phase === 'request') this.#waitForAnswer(Math.min(bytes.byteLength, SYSTEM_BUFFER_BYTES));
  }

  #transferred(bytes: number): void {
    this.#waiting.end(bytes);
    this.#bytes += bytes;
  }

  #waitForAnswer(bytes: number): void {
    const { firstAnswerMs, longPollMs } = this.#call;
    this.#phase = 'answer';
    this.#waiting.begin(firstAnswerMs + longPollMs + bytesMs(bytes, this.#bounds));
  }

  #readAnswer({ headers, body }: HttpResponse): Readable {
    const length = Number(headers['content-length'] ?? Number.NaN);
    this.#phase = 'body';
    this.#expected = Number.isNaN(length) ? null : length;
    this.#bytes = 0;
    this.#answer = body;
    const received = Readable.from(this.#received(body), { objectMode: false, highWaterMark: 0 });
    // Destroying a stream whose iteration has not started does not end the iteration.
    received.once('close', () => {
      if (!body.readableEnded) body.destroy();
    });
    return received;
  }

  // Waits for the peer only while the caller waits for the next bytes.
  async *#received(body: Readable): AsyncIterable<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]() as AsyncIterableIterator<Uint8Array>;
    try {
      for (;;) {
        this.#waiting.begin(this.#bounds.silenceMs);
        const next = await chunks.next();
        this.#onAnswer();
        if (next.done === true) return;
        this.#transferred(next.value.byteLength);
        yield next.value;
      }
    } finally {
      this.#hasEnded = true;
      this.#waiting.end(0);
    }
  }

  #end(error: Error): void {
    this.#over.reject(error);
    this.#answer?.destroy(error);
    this.#cut.abort(error);
  }

  #tooLong(reason: TooLong): NoAnswerError {
    const { beganAtMs, operation, service, withinMs } = this.#call;
    const nowMs = performance.now();
    const attemptMs = nowMs - this.#beganAtMs;
    // Another attempt of the same length has to end in time too.
    const mayTryAgain = nowMs - beganAtMs + attemptMs <= withinMs;
    const sentence = `${service} at ${this.#peer} ${this.#what(reason, operation)}`;
    const { waitedMs } = this.#waiting;
    if (waitedMs >= (this.#call.longest?.waitedMs ?? 0)) this.#call.longest = { waitedMs, sentence };
    return new NoAnswerError(this.#call.longest?.sentence ?? sentence, { mayTryAgain });
  }

  #what(reason: TooLong, operation: string): string {
    const { limitMs, waitedMs } = this.#waiting;
    if (this.#phase === 'answer') return `did not answer ${operation} within ${seconds(Math.min(limitMs, waitedMs))}`;
    const isRequest = this.#phase === 'request';
    const bytes = this.#bytes.toLocaleString('en');
    const all = this.#expected === null ? '' : ` of ${this.#expected.toLocaleString('en')}`;
    const part = `${bytes}${all} bytes of ${isRequest ? operation : `its response to ${operation}`}`;
    if (reason === 'silent') {
      return `${isRequest ? 'accepted' : 'sent'} nothing for ${seconds(limitMs)} after ${part}`;
    }
    return `${isRequest ? 'accepted' : 'sent'} only ${part} in ${seconds(waitedMs)}`;
  }
}

/** The error for the caller's signal. The SDK recognises it by its name. */
export function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The caller aborted the call.', { cause: signal?.reason }), {
    name: 'AbortError',
  });
}

function seconds(ms: number): string {
  return `${ms < 1000 ? Math.round(ms) / 1000 : Math.round(ms / 100) / 10} s`;
}
