/** How often a condition is looked at. */
const LOOK_EVERY_MS = 25;

/**
 * Waits for a condition instead of sleeping: returns its first value that is not `undefined`, `null` or `false`.
 *
 * @throws Error that names `what`, and what the condition last threw, when the time is over.
 */
export async function waitUntil<Value>(
  condition: () => Value | Promise<Value>,
  { what, timeoutMs = 60_000 }: { what: string; timeoutMs?: number },
): Promise<Exclude<Value, undefined | null | false>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<Value, undefined | null | false>;
      }
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`, last === undefined ? {} : { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
