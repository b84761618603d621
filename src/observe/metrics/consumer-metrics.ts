import { stageOf } from '../../core/around-transactions.ts';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { IngestEvent } from '../../core/events.ts';
import type { ConsumerSnapshot } from '../../core/intake/consumer-snapshot.ts';
import { behindMs } from '../../core/measures.ts';
import type { StatementResult } from '../../core/ports.ts';
import type { LabelValues, Metrics } from './definitions.ts';
import { defineMetrics, labelSets } from './definitions.ts';
import { LABELS } from './labels.ts';
import { LastingTime } from './lasting-time.ts';
import type { Recorded } from './record-event.ts';
import { recordEvent } from './record-event.ts';

/** What the ledger says is open, by dataset. */
export type OpenFiles = {
  readonly dataset: string;
  readonly openQuarantined: number;
  readonly openRejected: number;
};

/** However many programs scrape, the text is written once in this time. */
const TEXT_EVERY_MS = 1_000;

/** The metrics of one consumer. A scrape writes what is in memory: it starts no call and no statement. */
export class ConsumerMetrics {
  readonly registry = new Registry();
  readonly #metrics: Metrics;
  readonly #recorded: Recorded;
  readonly #nowMs: () => number;
  #text: { readonly atMs: number; readonly text: Promise<string> } | null = null;

  constructor(about: { readonly version: string; readonly expectedMs: number; readonly nowMs: () => number }) {
    this.#nowMs = about.nowMs;
    collectDefaultMetrics({ register: this.registry });
    const metrics = defineMetrics(this.registry);
    this.#metrics = metrics;
    const [pauses, rests] = [new LastingTime(metrics.pauseSeconds), new LastingTime(metrics.restSeconds)];
    this.#recorded = { metrics, pauses, rests };
    metrics.build.set({ version: about.version, node: process.version }, 1);
    metrics.expected.set(about.expectedMs / 1000);
    for (const set of labelSets(this.labels.get('sparkify_paused') ?? {})) metrics.paused.set(set, 0);
  }

  /** The values of the labels of each metric. */
  get labels(): ReadonlyMap<string, LabelValues> {
    return this.#metrics.labels;
  }

  record(event: IngestEvent): void {
    recordEvent(this.#recorded, event, this.#nowMs());
  }

  /** @param name of a transaction, such as `sparkify publish <batch>`. */
  recordStatements(name: string, results: readonly StatementResult[]): void {
    const kind = LABELS.statements.find((known) => known === stageOf({ name })) ?? 'other';
    this.#metrics.statements.inc({ kind }, results.length);
    const runMs = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
    this.#metrics.warehouseSeconds.inc({ kind }, runMs / 1000);
  }

  recordLedger(open: readonly OpenFiles[]): void {
    const { ledgerRead, openQuarantined, openRejected } = this.#metrics;
    for (const dataset of LABELS.loaded) {
      const found = open.find((one) => one.dataset === dataset);
      openQuarantined.set({ dataset }, found?.openQuarantined ?? 0);
      openRejected.set({ dataset }, found?.openRejected ?? 0);
    }
    ledgerRead.set(this.#nowMs() / 1000);
  }

  /** In Prometheus's text format; at most a second old. */
  async text(snapshot: ConsumerSnapshot): Promise<string> {
    const atMs = this.#nowMs();
    const last = this.#text;
    if (last !== null && atMs >= last.atMs && atMs - last.atMs < TEXT_EVERY_MS) return await last.text;
    this.#refresh(snapshot, atMs);
    const text = this.registry.metrics();
    this.#text = { atMs, text };
    return await text;
  }

  #refresh(snapshot: ConsumerSnapshot, atMs: number): void {
    const { behind, heldFiles, heldMessages, lastCommit, loadInFlight, oldestHeld, state } = this.#metrics;
    const { lastCommitAtMs, loadInFlight: load, oldestHeldAtMs } = snapshot;
    const secondsSince = (sinceMs: number | null): number => Math.max(0, atMs - (sinceMs ?? atMs)) / 1000;
    this.#recorded.pauses.countTo(atMs);
    this.#recorded.rests.countTo(atMs);
    for (const one of LABELS.state) state.set({ state: one }, snapshot.state === one ? 1 : 0);
    const ms = behindMs({ atMs, ...snapshot });
    if (ms === null) behind.remove();
    else behind.set(ms / 1000);
    heldMessages.set(snapshot.heldMessages);
    heldFiles.set(snapshot.heldFiles);
    oldestHeld.set(secondsSince(oldestHeldAtMs));
    loadInFlight.set(secondsSince(load?.startedAtMs ?? null));
    if (lastCommitAtMs !== null) lastCommit.set(lastCommitAtMs / 1000);
  }
}
