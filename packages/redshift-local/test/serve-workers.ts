import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something that runs for one worker: `place` says, in JSON, how to reach it. */
export type Served<Place> = { readonly place: Place; readonly stop: () => Promise<void> };

/**
 * Lets test files of one worker share a server: the first file that asks starts it, and the files that the worker runs
 * afterwards use the same one.
 *
 * @param start called at most once for each worker; what it started before it fails, it stops.
 * @returns `url` for `ofThisWorker`.
 */
export async function serveWorkers<Place>(
  start: (worker: string) => Promise<Served<Place>>,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const started = new Map<string, Promise<Served<Place>>>();
  const server = createServer((incoming, outgoing) => {
    const worker = incoming.url?.slice(1) ?? '';
    const served = started.get(worker) ?? start(worker);
    started.set(worker, served);
    served.then(
      ({ place }) => outgoing.end(JSON.stringify(place)),
      (error: unknown) => outgoing.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      for (const served of await Promise.allSettled(started.values())) {
        // A worker whose server did not start has had the error.
        if (served.status === 'fulfilled') await served.value.stop();
      }
    },
  };
}

/** @returns the place of this worker's server. */
export async function ofThisWorker<Place>(url: string): Promise<Place> {
  const answer = await fetch(`${url}/${process.env['VITEST_POOL_ID'] ?? ''}`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Place;
}
