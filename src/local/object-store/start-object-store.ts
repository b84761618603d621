import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { announceChanges, isThere } from './announce-changes.ts';
import { bucketNotifications } from './bucket-notifications.ts';
import type { Unpleasantness } from './bucket-notifications.ts';
import type { RequestIdentity } from './event-record.ts';
import { openStores, useQueueUrls } from './fauxqs-stores.ts';
import type { OpenStores } from './fauxqs-stores.ts';
import { longPolling } from './long-polling.ts';
import type { LongPolling } from './long-polling.ts';
import { s3Operation } from './s3-operation.ts';
import type { HttpRequest, S3Operation } from './s3-operation.ts';
import { S3Refusal } from './s3-refusal.ts';

export type ObjectStoreOptions = {
  /** Everything is kept below it. One process at a time. */
  readonly dataDir: string;
  /** Address to listen on, such as 127.0.0.1. */
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly region: string;
  readonly unpleasantness?: Unpleasantness;
};

export type RunningObjectStore = { readonly url: string; readonly port: number; stop(): Promise<void> };

/** The largest single PUT (S3 docs: 5 GB); here bounded by what the process can hold in memory. */
const LARGEST_BODY_BYTES = 2 ** 30;

/**
 * Starts S3 and SQS on one port: objects, queues and messages of `dataDir`, with bucket notifications to the queues.
 *
 * @throws the listener's error (EADDRINUSE …) when the port cannot be had; nothing is left open then.
 */
export async function startObjectStore(options: ObjectStoreOptions): Promise<RunningObjectStore> {
  const stores = await openStores(options.dataDir);
  const polling = longPolling();
  const app = buildObjectStoreApp(stores, polling, options);
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
  useQueueUrls(stores.sqsStore, url);
  return { url, port, stop: () => app.close() };
}

type App = ReturnType<typeof buildApp>;

function buildObjectStoreApp(stores: OpenStores, polling: LongPolling, options: ObjectStoreOptions): App {
  const { s3Store, sqsStore, snsStore } = stores;
  const app = buildApp({ logger: false, defaultRegion: options.region, stores: { s3Store, sqsStore, snsStore } });
  // The library takes bodies up to 11 MiB; S3 takes a file of 100 MB in one request.
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST_BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('preClose', (done) => {
    polling.close();
    done();
  });
  app.addHook('onClose', (_app, done) => {
    stores.close();
    done();
  });
  serveS3(app, stores, options);
  serveLongPolling(app, stores, polling);
  return app;
}

function serveS3(app: App, stores: OpenStores, options: ObjectStoreOptions): void {
  const nowMs = (): number => Date.now();
  const notifications = bucketNotifications(stores, { unpleasantness: options.unpleasantness ?? null, nowMs });
  const whileServing = announceChanges(stores, notifications);

  app.addHook('preHandler', (request, reply, done) => {
    const params = request.params as { bucket?: string; '*'?: string };
    if (params.bucket === undefined) {
      done();
      return;
    }
    const { method, headers } = request;
    const query = request.query as Record<string, unknown>;
    const at: HttpRequest = { method, bucket: params.bucket, key: params['*'] ?? '', query, headers };
    const identity = identify(request.ip, headers.authorization, options.region);
    reply.headers({ 'x-amz-request-id': identity.requestId, 'x-amz-id-2': identity.hostId });
    const answer = answerOrRefusal(() => {
      const operation = s3Operation(at);
      refuseFailedCondition(stores, at);
      if (operation.kind === 'library') return operation;
      if (operation.kind !== 'put-notification') {
        return { kind: 'document', xml: documentOf(operation, notifications.get(at.bucket), options.region) };
      }
      const validate = headers['x-amz-skip-destination-validation'] !== 'true';
      notifications.put(at.bucket, textOf(request.body), identity, { validate });
      return { kind: 'document', xml: '' };
    });
    if (answer instanceof S3Refusal) {
      void reply.status(answer.statusCode).type('application/xml').send(answer.toXml(identity.requestId));
    } else if (answer.kind === 'document') {
      void reply.status(200).type('application/xml').send(answer.xml);
    } else {
      whileServing({ creation: answer.creation, identity }, done);
    }
  });
}

type Answer = Extract<S3Operation, { kind: 'library' }> | { readonly kind: 'document'; readonly xml: string };

function answerOrRefusal(answer: () => Answer): Answer | S3Refusal {
  try {
    return answer();
  } catch (error) {
    if (error instanceof S3Refusal) return error;
    throw error;
  }
}

function documentOf(operation: S3Operation, notification: string, region: string): string {
  if (operation.kind === 'get-notification') return notification;
  const xmlns = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  if (operation.kind === 'get-versioning') return `<VersioningConfiguration ${xmlns}/>`;
  // S3 leaves the oldest region's name out.
  return `<LocationConstraint ${xmlns}>${region === 'us-east-1' ? '' : region}</LocationConstraint>`;
}

/** `If-None-Match: *` (S3 docs, conditional writes): create, never overwrite. */
function refuseFailedCondition(stores: OpenStores, { method, bucket, key, headers }: HttpRequest): void {
  if (headers['if-none-match'] !== '*' || key === '' || (method !== 'PUT' && method !== 'POST')) return;
  if (!isThere(stores, bucket, key)) return;
  const message = 'At least one of the pre-conditions you specified did not hold';
  throw new S3Refusal('PreconditionFailed', 412, message, { Condition: 'If-None-Match' });
}

function serveLongPolling(app: App, stores: OpenStores, polling: LongPolling): void {
  app.addHook('preHandler', (request, reply, done) => {
    const target = request.headers['x-amz-target'];
    // Counts are of now, not of the last receive.
    if (target === 'AmazonSQS.GetQueueAttributes') stores.sqsStore.processAllTimers();
    if (target !== 'AmazonSQS.ReceiveMessage') {
      done();
      return;
    }
    const body = request.body as { QueueUrl?: unknown; WaitTimeSeconds?: unknown };
    const queue = stores.sqsStore.getQueue(String(body.QueueUrl));
    const seconds = Number(body.WaitTimeSeconds ?? queue?.attributes['ReceiveMessageWaitTimeSeconds'] ?? 0);
    // What SQS refuses, and FIFO queues, are the library's business.
    if (queue === undefined || queue.isFifo() || !(seconds > 0 && seconds <= 20)) {
      done();
      return;
    }
    // Seen before a message is taken for it: the connection may be gone before we listen for that.
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

function identify(sourceIp: string, authorization: string | undefined, defaultRegion: string): RequestIdentity {
  const region = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(authorization ?? '')?.[1] ?? defaultRegion;
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  return { requestId, hostId: randomBytes(48).toString('base64'), sourceIp, region };
}

function textOf(body: unknown): string {
  return Buffer.isBuffer(body) ? body.toString('utf8') : '';
}
