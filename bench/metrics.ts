import { ConsumerMetrics } from '../src/observe/metrics/consumer-metrics.ts';
import { LABELS } from '../src/observe/metrics/labels.ts';
import { IDLE } from '../test/support/idle-snapshot.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import type { Spread } from './quantiles.ts';
import { spread } from './quantiles.ts';

type MetricsPlan = { readonly scrapes: number };

export const FULL_PLAN: MetricsPlan = { scrapes: 2_000 };
export const QUICK_PLAN: MetricsPlan = { scrapes: 50 };

export type MetricsResult = {
  readonly machine: Machine;
  readonly series: number;
  readonly bytes: number;
  /** Of one text. */
  readonly ms: Spread;
  readonly targetMs: number;
  readonly met: boolean;
};

const TARGET_MS = 5;
/** No consumer has more (docs/SPEC.md, D48). */
const SERIES = 600;

/** Measures how long it takes to write the text of `/metrics` with 600 series. */
export async function measureMetrics({ scrapes }: MetricsPlan): Promise<MetricsResult> {
  let nowMs = 0;
  const metrics = new ConsumerMetrics({ version: '0.0.0', expectedMs: 92_000, nowMs: () => nowMs });
  metrics.recordLedger([]);
  const text = async (): Promise<string> => {
    // A text is kept for a second.
    nowMs += 1_000;
    return await metrics.text({ ...IDLE, lastCommitAtMs: nowMs });
  };
  const seriesOf = (written: string): number => written.split('\n').filter((line) => /^[^#]/.test(line)).length;
  for (let more = SERIES - seriesOf(await text()); more > 0; more -= 1) {
    metrics.record({ kind: 'intake.paused', reason: `${LABELS.side[0]}: made up ${more}`, sentence: '' });
    metrics.record({ kind: 'intake.resumed', reason: `${LABELS.side[0]}: made up ${more}`, pausedMs: 0 });
    if (seriesOf(await text()) >= SERIES) break;
  }
  const times: number[] = [];
  for (let n = 0; n < scrapes; n += 1) {
    const beganMs = performance.now();
    await text();
    times.push(performance.now() - beganMs);
  }
  const last = await text();
  const ms = spread(times);
  const sizes = { series: seriesOf(last), bytes: Buffer.byteLength(last) };
  return { machine: describeMachine(), ...sizes, ms, targetMs: TARGET_MS, met: ms.p50 <= TARGET_MS };
}
