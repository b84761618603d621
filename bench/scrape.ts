import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 1_000;

/** Calls `scrape` every second, more often than Prometheus does, until the signal. */
export async function scrapeUntil(signal: AbortSignal, scrape: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await scrape();
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
