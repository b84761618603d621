import { IngestError } from '../core/errors.ts';

/** S3 answers a small object in 10–30 ms, so this is over a thousand objects a second. */
const READS_AT_ONCE = 32;
/** Of all objects that are being read or were read and not yet used. */
const BYTES_AT_ONCE = 32 * 1024 * 1024;

export type Ahead = {
  /** Resolves when so many bytes more may be held; they are given back when the result was used. */
  readonly makeRoom: (bytes: number) => Promise<void>;
  /** Aborts when nobody wants the result any more. */
  readonly signal: AbortSignal;
};

/**
 * Reads many objects, a few at once, and hands out what was read in the order in which it came: an object that is slow
 * holds up no other. How much is held at once is bounded in bytes; one object may be as large as the bound and not larger.
 * Whoever stops asking ends the reads that are under way.
 */
export async function* readAhead<S, R>(
  sources: Iterable<S>,
  read: (source: S, ahead: Ahead) => Promise<R>,
  signal: AbortSignal,
): AsyncGenerator<{ readonly source: S; readonly result: R }, void> {
  const stopped = new AbortController();
  const room = new Room(BYTES_AT_ONCE);
  const both = AbortSignal.any([signal, stopped.signal]);
  const underWay = new Set<Promise<Done<S, R>>>();
  const start = (source: S): void => {
    let held = 0;
    const makeRoom = async (bytes: number): Promise<void> => {
      room.free(held);
      held = 0;
      await room.take(bytes);
      held = bytes;
    };
    const done: Promise<Done<S, R>> = read(source, { makeRoom, signal: both }).then((result) => ({
      ...{ source, result, done },
      used: () => room.free(held),
    }));
    underWay.add(done);
  };
  try {
    const left = sources[Symbol.iterator]();
    for (;;) {
      while (underWay.size < READS_AT_ONCE) {
        const next = left.next();
        if (next.done === true) break;
        start(next.value);
      }
      if (underWay.size === 0) return;
      const { done, result, source, used } = await Promise.race(underWay);
      underWay.delete(done);
      yield { source, result };
      used();
    }
  } finally {
    stopped.abort();
    room.close();
    await Promise.allSettled(underWay);
  }
}

type Done<S, R> = {
  readonly source: S;
  readonly result: R;
  readonly done: Promise<Done<S, R>>;
  readonly used: () => void;
};

/** Bytes that may be held, given out in the order in which they were asked for. */
class Room {
  readonly #bytes: number;
  #free: number;
  #waiting: { readonly bytes: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#free = bytes;
  }

  async take(bytes: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ bytes: Math.min(bytes, this.#bytes), resolve, reject });
      this.#serve();
    });
  }

  free(bytes: number): void {
    this.#free += Math.min(bytes, this.#bytes);
    this.#serve();
  }

  close(): void {
    for (const { reject } of this.#waiting) reject(new IngestError('aborted', 'The reading was stopped.'));
    this.#waiting = [];
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first !== undefined && first.bytes <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.bytes;
      first.resolve();
    }
  }
}
