import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { foreignHost } from 'redshift-local';
import type { Unpleasantness } from './bucket-notifications.ts';
import { openStores, useQueueUrls } from './fauxqs-stores.ts';
import type { OpenStores } from './fauxqs-stores.ts';
import { longPolling } from './long-polling.ts';
import type { LongPolling } from './long-polling.ts';
import { serveLongPolling } from './serve-long-polling.ts';
import { serveS3 } from './serve-s3.ts';

export type ObjectStoreOptions = {
  /** The directory of all data. One process at a time. */
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
 * @throws the listener's error (EADDRINUSE …) when the port cannot be opened; everything is closed again then.
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
  const url = `http://${hostInUrl(options.host)}:${port}`;
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
  // The library takes a form body for an SNS call, but an object may be put with that content type (curl's default).
  const form = 'application/x-www-form-urlencoded';
  app.removeContentTypeParser(form);
  app.addContentTypeParser(form, { parseAs: 'buffer', bodyLimit: LARGEST_BODY_BYTES }, (request, body, done) =>
    done(null, request.method === 'PUT' ? body : Object.fromEntries(new URLSearchParams(body.toString()))),
  );
  app.addHook('onRequest', (request, reply, done) => {
    const foreign = foreignHost(request.headers.host, options.host);
    if (foreign === null) done();
    else void reply.status(403).type('text/plain').send(`${foreign}\n`);
  });
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

/** A client cannot connect to 0.0.0.0 or [::]. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
