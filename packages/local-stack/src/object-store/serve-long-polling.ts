import type { buildApp } from 'fauxqs';
import type { OpenStores } from './fauxqs-stores.ts';
import type { LongPolling } from './long-polling.ts';

/** Waits before the library looks for messages, so that the library never has to wait. */
export function serveLongPolling(app: ReturnType<typeof buildApp>, stores: OpenStores, polling: LongPolling): void {
  app.addHook('preHandler', (request, reply, done) => {
    const target = request.headers['x-amz-target'];
    // Refreshes the counts: the library updates them only on receive.
    if (target === 'AmazonSQS.GetQueueAttributes') stores.sqsStore.processAllTimers();
    if (target !== 'AmazonSQS.ReceiveMessage') {
      done();
      return;
    }
    const body = request.body as { QueueUrl?: unknown; WaitTimeSeconds?: unknown };
    const queue = stores.sqsStore.getQueue(String(body.QueueUrl));
    const seconds = Number(body.WaitTimeSeconds ?? queue?.attributes['ReceiveMessageWaitTimeSeconds'] ?? 0);
    // The library handles FIFO queues and what SQS refuses.
    if (queue === undefined || queue.isFifo() || !(seconds > 0 && seconds <= 20)) {
      done();
      return;
    }
    // Checked before a message is taken: the connection may have closed before the listener was attached.
    const isGone = (): boolean => request.raw.socket.destroyed;
    const hungUp = (): void => {
      waiting?.forget();
      reply.hijack();
    };
    const proceed = (): void => {
      reply.raw.off('close', hungUp);
      if (isGone()) {
        reply.hijack();
        return;
      }
      body.WaitTimeSeconds = 0;
      done();
    };
    reply.raw.once('close', hungUp);
    const waiting: { forget(): void } | undefined = polling.wait(queue, seconds * 1000, proceed);
  });
}
