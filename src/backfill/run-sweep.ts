import pLimit from 'p-limit';
import { IngestError } from '../core/errors.ts';
import type { IngestEvent } from '../core/events.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import { objectId } from '../core/loading/ledger.ts';
import { s3Uri } from '../core/loading/manifest.ts';
import type { ObjectStore } from '../core/ports.ts';
import { someAtOnce } from '../core/some-at-once.ts';
import type { LiveObject, QuarantinedObject, SweepLedger, SweepMoment } from '../core/sweep.ts';
import { retryAfterMs, sweepWaitMs } from '../core/sweep.ts';
import type { BackfillProgress } from './backfill-progress.ts';
import type { BackfillOptions, BackfillParts } from './run-backfill.ts';
import { runBackfill } from './run-backfill.ts';

export type SweepParts = {
  /** With a loader of its own, so that live files are read meanwhile. */
  readonly backfill: BackfillParts;
  readonly ledger: SweepLedger;
  /** The consumer beside which the sweep runs. */
  readonly consumer: () => SweepMoment['consumer'];
  readonly batchMaxFiles: number;
  /** Files of the last ms are left to their notifications. */
  readonly leaveMs: number;
};

/** Objects of a step: a page of the listing. */
export const SWEEP_FILES = 1_000;

const HOUR_MS = 3_600_000;
/** From the beginning of a round to that of the next, at least. */
const ROUND_EVERY_MS = HOUR_MS;
/** Probing costs a request for each object. */
const LOOK_FOR_GONE_EVERY_MS = 24 * HOUR_MS;
/** How often the sweep looks whether quarantined files are due. */
const RETRY_EVERY_MS = HOUR_MS / 12;
const PROBES_AT_ONCE = 16;
const SHOWN_KEYS = 3;

/**
 * Goes through the listing round and round, beside the consumer, and loads what the ledger lacks, as a backfill does. Reads quarantined
 * files again after a while, and once a day reports loaded objects that are gone; it changes nothing about those. An error ends the
 * round with a warning, and the next round begins in time.
 *
 * @param signal ends the sweep; what is in the warehouse by then is found by the next one.
 */
export async function runSweep(parts: SweepParts, signal: AbortSignal): Promise<void> {
  const sweep = new Sweep(parts, signal);
  await Promise.all([
    sweep.again(ROUND_EVERY_MS, async () => await sweep.round()),
    sweep.again(RETRY_EVERY_MS, async () => await sweep.retryDue()),
  ]);
}

class Sweep {
  readonly #do: SweepParts;
  readonly #signal: AbortSignal;
  /** One step at a time. */
  readonly #oneStep = pLimit(1);
  #lastStep: SweepMoment['lastStep'] = null;
  #quarantined: readonly QuarantinedObject[] = [];
  /** How often this process has read each of these files again. */
  #retries: ReadonlyMap<string, number> = new Map();
  #lookedForGoneAtMs: number | null = null;

  constructor(parts: SweepParts, signal: AbortSignal) {
    this.#do = parts;
    this.#signal = signal;
  }

  /** Acts again and again. An error is a warning. */
  async again(everyMs: number, act: () => Promise<void>): Promise<void> {
    const { clock, emit } = this.#do.backfill;
    do {
      const nextAtMs = clock.nowMs() + everyMs;
      try {
        await act();
      } catch (error) {
        if (this.#signal.aborted) return;
        const { message } = ingestErrorFrom(error);
        emit({ kind: 'process.warned', sentence: `The sweep could not finish and begins again later: ${message}` });
      }
      await clock.sleep(Math.max(0, nextAtMs - clock.nowMs()), this.#signal);
    } while (!this.#signal.aborted);
  }

  async round(): Promise<void> {
    const { backfill, leaveMs } = this.#do;
    const { clock, emit, store } = backfill;
    const atMs = clock.nowMs();
    await this.#lookAtQuarantined();
    const { files, listed } = await this.#backfill(
      { ...backfill, store: { ...store, list: (input) => this.#withoutQuarantined(store.list(input)) } },
      { untilMs: atMs - leaveMs, isShared: true },
    );
    const lastMs = this.#lookedForGoneAtMs;
    if (lastMs === null || Math.abs(atMs - lastMs) >= LOOK_FOR_GONE_EVERY_MS) {
      await this.#lookForGone();
      this.#lookedForGoneAtMs = atMs;
    }
    emit({ kind: 'sweep.ended', listed, loaded: files.loaded });
  }

  /** Reads the quarantined files whose time has come. */
  async retryDue(): Promise<void> {
    const { backfill } = this.#do;
    await this.#lookAtQuarantined();
    const nowMs = backfill.clock.nowMs();
    const retries = this.#retries;
    this.#retries = new Map(this.#quarantined.map(({ key }) => [key, retries.get(key) ?? 0]));
    const due = this.#quarantined.filter(
      ({ key, triedAtMs }) => nowMs >= triedAtMs + retryAfterMs(retries.get(key) ?? 0),
    );
    if (due.length === 0) return;
    const keys = due.map(({ key }) => key);
    await this.#backfill(backfill, { keys: () => pagesOf(keys) });
    this.#retries = new Map([...this.#retries].map(([key, tries]) => [key, keys.includes(key) ? tries + 1 : tries]));
  }

  async #lookAtQuarantined(): Promise<void> {
    this.#quarantined = await this.#inTurn(async () => await this.#do.ledger.quarantined(this.#signal));
  }

  async #backfill(parts: BackfillParts, options: Partial<BackfillOptions>): Promise<BackfillProgress> {
    const { emit, findLacking, loadBatch } = parts;
    const paced: BackfillParts = {
      ...parts,
      findLacking: async (batch, signal) => await this.#inTurn(async () => await findLacking(batch, signal)),
      loadBatch: async (batch, signal) => await this.#inTurn(async () => await loadBatch(batch, signal)),
      // A round of a large bucket has thousands of batches in which nothing is new.
      emit: (event) => (isOfNews(event) ? emit(event) : undefined),
    };
    return await runBackfill(paced, {
      ...{ prefix: null, sinceMs: null, untilMs: null, signal: this.#signal },
      onProgress: () => undefined,
      ...options,
    });
  }

  async *#withoutQuarantined(pages: ReturnType<ObjectStore['list']>): ReturnType<ObjectStore['list']> {
    for await (const page of pages) {
      const quarantined = new Set(this.#quarantined.map(({ key }) => key));
      yield page.filter(({ key }) => !quarantined.has(key));
    }
  }

  async #lookForGone(): Promise<void> {
    const { backfill, ledger } = this.#do;
    let count = 0;
    const shown: string[] = [];
    let after: string | undefined = '';
    while (after !== undefined) {
      const from: string = after;
      const page = await this.#inTurn(async () => {
        const objects = await ledger.liveObjects(from, this.#signal);
        for (const object of await this.#goneOf(objects)) {
          count += 1;
          if (shown.length < SHOWN_KEYS) shown.push(s3Uri(object));
        }
        return objects;
      });
      after = page.at(-1)?.objectId;
    }
    if (count > 0) backfill.emit({ kind: 'sweep.gone', count, shown });
  }

  async #goneOf(objects: readonly LiveObject[]): Promise<readonly LiveObject[]> {
    const { settings, store } = this.#do.backfill;
    const gone: LiveObject[] = [];
    // A key with a NUL is stored in another form.
    const ours = objects.filter((object) => object.bucket === settings.bucket && objectId(object) === object.objectId);
    await someAtOnce(ours, { atOnce: PROBES_AT_ONCE, signal: this.#signal }, async (object, signal) => {
      const { bucket, key } = object;
      try {
        if ((await store.probe({ bucket, key, signal })) === null) gone.push(object);
      } catch (error) {
        // An object that cannot be read is there.
        if (!(error instanceof IngestError) || error.code === 'aborted') throw error;
      }
    });
    return gone;
  }

  /** Waits until the consumer has time, then works. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { backfill, batchMaxFiles, consumer } = this.#do;
    const { clock } = backfill;
    return await this.#oneStep(async () => {
      for (;;) {
        if (this.#signal.aborted) throw new IngestError('aborted', 'The sweep was stopped; the next one continues.');
        const moment = { atMs: clock.nowMs(), consumer: consumer(), lastStep: this.#lastStep };
        const waitMs = sweepWaitMs(moment, batchMaxFiles);
        if (waitMs === 0) break;
        await clock.sleep(waitMs, this.#signal);
      }
      const startedAtMs = clock.nowMs();
      try {
        return await work();
      } finally {
        this.#lastStep = { startedAtMs, endedAtMs: clock.nowMs() };
      }
    });
  }
}

function isOfNews(event: IngestEvent): boolean {
  return event.kind !== 'load.committed' || event.outcome.files.some(({ status }) => status !== 'known');
}

async function* pagesOf(keys: readonly string[]): AsyncGenerator<readonly string[], void> {
  yield await Promise.resolve(keys);
}
