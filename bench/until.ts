import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again until the condition is true.
 *
 * @throws Error that names `what` when that takes longer than `withinMs`, and at once what the condition throws.
 */
export async function until(
  condition: () => Promise<boolean>,
  { everyMs = 100, what, withinMs }: { readonly what: string; readonly withinMs: number; readonly everyMs?: number },
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`Waited ${withinMs / 1000} s in vain for ${what}.`);
    await sleep(everyMs);
  }
}
