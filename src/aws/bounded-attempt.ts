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
  /** Why nobody waits for the call any more; `null` while somebody does. */
  over: Error | null;
  /** The attempt under way, or the last one. */
  attempt: BoundedAttempt | null;
  /** The attempt that waited longest in vain: what there is to say in the end. */
  longest: { readonly waitedMs: number; readonly sentence: string } | null;
};

/** As far as this looks at them; the SDK's types are those of every protocol and every browser. */
export type HttpRequest = { readonly hostname: string; readonly port?: number; readonly body?: unknown };
type HttpResponse = { readonly headers: Readonly<Record<string, string>>; body: Readable };
export type HttpHandler = {
  handle(
    request: HttpRequest,
    options: { readonly abortSignal: AbortSignal },
  ): Promise<{ readonly response: HttpResponse }>;
};

/** A body is handed to the network in pieces of this size, so that it can be seen whether the peer takes any. */
const PIECE_BYTES = 64 * 1024;
/** What the system may hold of a request after the program has handed it over, and the peer has not taken it. */
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
  /** Bytes of the request, then of the answer; `null` when the answer does not tell. */
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

  /** Why it was given up, if it was. */
  get unanswered(): NoAnswerError | null {
    return this.#unanswered;
  }

  /** Ends it now. An attempt that has ended stays as it is. */
  giveUp(reason: TooLong): void {
    if (this.#hasEnded) return;
    this.#waiting.end(0);
    this.#unanswered = this.#tooLong(reason);
    this.#end(this.#unanswered);
  }

  /** @returns the answer; its body ends by the bounds as well. */
  async send(handler: HttpHandler, request: HttpRequest): Promise<{ readonly response: HttpResponse }> {
    const { over, signal } = this.#call;
    // The SDK was waiting to try again when the call ended.
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

  /** Begins the wait for the answer when the whole request is handed over. */
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

  // Asked for the next piece when the network has taken the last one.
  *#pieces(bytes: Uint8Array): Iterable<Uint8Array> {
    for (let from = 0; from < bytes.byteLength; from += PIECE_BYTES) {
      const piece = bytes.subarray(from, from + PIECE_BYTES);
      yield piece;
      // An answer that comes before the whole request was sent is a refusal.
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
    // An iteration that nobody began ends nothing when its stream is destroyed.
    received.once('close', () => {
      if (!body.readableEnded) body.destroy();
    });
    return received;
  }

  // Nothing is asked of the peer, and nothing counted, before somebody here asks for the next bytes.
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
    // Another attempt, if it goes as this one did, has to end in time too.
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

/** The caller's signal came. The SDK knows such an error by its name. */
export function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The caller aborted the call.', { cause: signal?.reason }), {
    name: 'AbortError',
  });
}

function seconds(ms: number): string {
  return `${ms < 1000 ? Math.round(ms) / 1000 : Math.round(ms / 100) / 10} s`;
}
