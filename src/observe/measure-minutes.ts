import type { Emit, Measured } from '../core/events.ts';
import type { Clock } from '../core/ports.ts';

const EVERY_MS = 60_000;

/**
 * Emits the numbers of a consumer once a minute, whatever the consumer does, and once more at its end.
 *
 * @param parts.measure the numbers, with what was done since the last call.
 * @param ended aborted when the consumer has ended.
 */
export async function measureMinutes(
  { clock, emit, measure }: { readonly clock: Clock; readonly emit: Emit; readonly measure: () => Measured },
  ended: AbortSignal,
): Promise<void> {
  do {
    await clock.sleep(EVERY_MS, ended);
    emit({ kind: 'consumer.measured', ...measure() });
  } while (!ended.aborted);
}
