import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { realClock, realRandom } from '../src/app/real.ts';
import type { Batch, BatchId } from '../src/core/load.ts';
import { numbered } from '../src/core/loading/ledger.ts';
import type { ObjectStore } from '../src/core/ports.ts';
import { generateLogFiles } from '../src/generate/files.ts';
import { logRowMaker } from '../src/loaders/batch-rows.ts';
import { loadContext } from '../src/loaders/load-context.ts';
import { objectTroubles } from '../src/loaders/object-troubles.ts';
import { Parts } from '../src/loaders/part-writer.ts';
import { readBatch } from '../src/loaders/read-batch.ts';
import { loadSettings } from './load-settings.ts';
import type { ReadRound, ReadSetup } from './read.ts';

/** As S3's answers come in Node. */
const CHUNK_BYTES = 64 * 1024;
/** As the loader's. */
const PART_CHARACTERS = 4 * 1024 * 1024;
const settings = loadSettings({ bucket: 'b', schema: 's', copyRoleArn: '' });

const setup = JSON.parse(process.argv[2] ?? '{}') as ReadSetup;
const files = [
  ...generateLogFiles({
    ...{ seed: 1, users: 500, songs: 1_000, days: 1, firstDayMs: Date.UTC(2018, 10, 1), events: setup.events },
    ...{ files: setup.files, matchShare: 0.8, logPrefix: settings.logPrefix, songPrefix: settings.songPrefix },
  }),
];
const bytes = files.reduce((sum, { body }) => sum + body.byteLength, 0);
const stored = new Map(files.map(({ body, key }) => [key, setup.isGzip ? gzipSync(body) : body]));

/** Objects in memory; parts go nowhere. */
const store: ObjectStore = {
  open: async ({ key }) => {
    const body = stored.get(key);
    if (body === undefined) return await Promise.resolve(null);
    return { etag: 'e', lastModifiedMs: 0, size: body.byteLength, body: chunks(body), close: () => undefined };
  },
  put: async () => await Promise.resolve(),
  ...{ remove: unused, probe: unused, list: unused },
};

async function* chunks(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < body.byteLength; from += CHUNK_BYTES) {
    yield await Promise.resolve(body.subarray(from, from + CHUNK_BYTES));
  }
}

function unused(): never {
  throw new Error('Nothing of this is needed to read.');
}

async function readOnce(): Promise<number> {
  const batch: Batch = {
    ...({ id: 'bench' as BatchId, lane: 'logs', source: 'backfill', closeReason: 'count', restedMs: 0 } as const),
    files: files.map(({ body, key }) => ({
      ...{ change: 'put' as const, bucket: settings.bucket, key, etag: 'e', versionId: null, sequencer: null },
      ...{ size: body.byteLength, eventTimeMs: 0 },
    })),
    ...{ bytes, openedAtMs: 0, closedAtMs: 0 },
  };
  const library = { list: unused, source: unused, fill: unused };
  const parts = { store, clock: realClock, random: realRandom, emit: () => undefined, library, settings };
  const session = { transaction: unused, rows: unused, reset: unused };
  const { signal } = new AbortController();
  const context = loadContext(parts, { batch, session, signal, token: unused, refusal: null });
  const { rows } = await readBatch(context, numbered(batch), {
    maker: logRowMaker(),
    parts: new Parts({ store, bucket: settings.bucket, keyOf: (part) => context.work.partKey('1', part), signal }),
    troubles: objectTroubles(parts),
    tellDrift: () => undefined,
  });
  return rows;
}

/** The least that any reader in JavaScript does: no checks, no places of rows, no streams, no limits of memory. */
async function parseOnce(): Promise<number> {
  let [rows, part] = [0, ''];
  for (const { body } of files) {
    for (const line of Buffer.from(body).toString().split('\n')) {
      if (line === '') continue;
      const event = JSON.parse(line) as Record<string, string>;
      rows += 1;
      const id = hash('md5', `${event.sessionId}|${event.itemInSession}|${event.userId}|${event.ts}`);
      const values = hash('md5', `${event.level}${event.location}${event.userAgent}${event.song}${event.artist}`);
      part += `${JSON.stringify({ ...event, id, values })}\n`;
      if (part.length < PART_CHARACTERS) continue;
      gzipSync(part, { level: 1 });
      part = '';
      // A health check gets its turn.
      await nextTurn();
    }
  }
  gzipSync(part, { level: 1 });
  return rows;
}

// What a health check meets while the process reads.
const server = createServer((_request, response) => response.end('{}'));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
process.send?.({ port: (server.address() as AddressInfo).port });

for (let round = 0; round <= setup.rounds; round += 1) {
  const readers = [{ reader: 'loader', read: readOnce } as const, { reader: 'least', read: parseOnce } as const];
  const inTurn = setup.withLeast ? (round % 2 === 0 ? readers : readers.toReversed()) : readers.slice(0, 1);
  for (const { read, reader } of inTurn) {
    const [cpu, beganMs] = [process.cpuUsage(), performance.now()];
    const rows = await read();
    const { system, user } = process.cpuUsage(cpu);
    const cpuMs = (system + user) / 1000;
    const result: ReadRound = { reader, bytes, rows, cpuMs, ms: performance.now() - beganMs };
    // The first round fills the caches of the compiler.
    if (round > 0) process.send?.(result);
  }
}
server.close();
if (process.connected) process.disconnect();
