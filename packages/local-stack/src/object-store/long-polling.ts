import type { SqsQueue } from './fauxqs-types.ts';

/**
 * Long polling as SQS does it. The library wakes every waiting receiver for each message, so that all but one return
 * early and empty. It also keeps waiting for receivers that hung up, and hides the next message from others until its
 * lease ends: a consumer that stops would delay the next one. Here a message wakes one receiver, and a receiver that
 * hangs up is removed.
 */
export type LongPolling = {
  /** Calls `proceed` once: when the queue has a message, or after `waitMs`, or when polling is closed. */
  wait(queue: SqsQueue, waitMs: number, proceed: () => void): { forget(): void };
  /** Lets every waiting receiver proceed at once; later receivers do not wait. */
  close(): void;
};

/** How often the leases and delays of queues with waiting receivers are checked. */
const TICK_MS = 20;

export function longPolling(): LongPolling {
  const waiting = new Map<SqsQueue, Set<() => void>>();
  let closed = false;
  let tick: NodeJS.Timeout | undefined;

  const wake = (queue: SqsQueue): void => {
    for (const proceed of [...(waiting.get(queue) ?? [])].slice(0, queue.messages.length)) proceed();
  };
  const look = (): void => {
    for (const queue of waiting.keys()) {
      queue.processTimers();
      wake(queue);
    }
  };
  const forget = (queue: SqsQueue, proceed: () => void): void => {
    const receivers = waiting.get(queue);
    receivers?.delete(proceed);
    if (receivers?.size === 0) waiting.delete(queue);
    if (waiting.size > 0) return;
    clearInterval(tick);
    tick = undefined;
  };

  return {
    wait(queue, waitMs, proceed) {
      let over = false;
      const end = (then: () => void): void => {
        if (over) return;
        over = true;
        clearTimeout(deadline);
        forget(queue, onMessage);
        then();
      };
      const onMessage = (): void => end(proceed);
      const deadline = setTimeout(onMessage, waitMs);
      queue.processTimers();
      if (closed || queue.messages.length > 0) {
        onMessage();
        return { forget: () => undefined };
      }
      wakeOnArrival(queue, wake);
      waiting.set(queue, (waiting.get(queue) ?? new Set()).add(onMessage));
      tick ??= setInterval(look, TICK_MS);
      return { forget: () => end(() => undefined) };
    },
    close() {
      closed = true;
      for (const receivers of [...waiting.values()]) for (const proceed of [...receivers]) proceed();
    },
  };
}

const woken = new WeakSet<SqsQueue>();

/** The library calls `notifyWaiters` whenever a message becomes visible: sent, released, or its delay or lease is over. */
function wakeOnArrival(queue: SqsQueue, wake: (queue: SqsQueue) => void): void {
  if (woken.has(queue)) return;
  woken.add(queue);
  Object.assign(queue, { notifyWaiters: () => queueMicrotask(() => wake(queue)) });
}
