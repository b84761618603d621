import { IngestError } from './errors.ts';

/**
 * Works on items, `atOnce` of them at a time. The first error stops the others, and is thrown only when all work has ended.
 *
 * @param work its signal aborts with `signal`, and when the work on another item failed.
 * @throws what `work` threw first.
 */
export async function someAtOnce<T>(
  items: Iterable<T> | AsyncIterable<T>,
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopped = new AbortController();
  const both = AbortSignal.any([signal, stopped.signal]);
  // All workers take from one queue.
  const queue = each(items);
  const worker = async (): Promise<void> => {
    try {
      for await (const item of queue) {
        if (stopped.signal.aborted) return;
        await work(item, both);
      }
    } catch (error) {
      stopped.abort();
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  if (errors.length > 0) throw errors.find((error) => !isStopped(error)) ?? errors[0];
}

async function* each<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void> {
  yield* items;
}

function isStopped(error: unknown): boolean {
  return error instanceof IngestError && error.code === 'aborted';
}
