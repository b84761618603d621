import { gunzipSync } from 'node:zlib';
import { fileId } from '../src/core/ledger.ts';
import { readNotification } from '../src/core/notification.ts';
import { route } from '../src/core/route.ts';
import type { ObjectVersion, SimulatedBucket } from './bucket.ts';
import { lastModifiedMs } from './bucket.ts';
import { fullReload, starOf } from './model/full-reload.ts';
import type { Reloaded } from './model/full-reload.ts';
import { STAR_TABLES } from './model/tables.ts';
import type { Seen } from './model/tables.ts';
import type { SimulatedQueue } from './queue.ts';
import { ROUTE } from './service.ts';
import type { SimulatedWarehouse } from './warehouse.ts';
import type { World } from './world.ts';

type Parts = {
  readonly world: World;
  readonly queue: SimulatedQueue;
  readonly bucket: SimulatedBucket;
  readonly warehouse: SimulatedWarehouse;
  /** Bodies of all messages that were sent. */
  readonly sent: readonly string[];
};

/** P1: a message may go when the fate of every file in it is in the ledger, or it is parked because nobody can read it. */
export function checkDeletion(parts: Omit<Parts, 'bucket' | 'sent'>, message: { id: string; body: string }): void {
  const { queue, warehouse, world } = parts;
  for (const id of filesToSettle(message.body)) {
    if (!warehouse.tables.ingest_files.has(id)) {
      world.violate(`P1: message ${message.id} is deleted before the fate of ${id} is committed`);
    }
  }
  const isParked = queue.parked.some(({ body }) => body === message.body);
  if (isUnreadable(message.body) && !isParked) {
    world.violate(`P1: message ${message.id}, which cannot be read, is deleted and was not parked`);
  }
}

/** What has to hold when everything has come to rest. */
export function checkPromises(parts: Parts): void {
  checkNothingLost(parts);
  checkLedger(parts);
  checkIdentity(parts);
  checkTables(parts);
}

function checkNothingLost({ queue, sent, warehouse, world }: Parts): void {
  for (const { body, reason } of queue.parked) {
    if (!isUnreadable(body) || reason === '') world.violate(`P1: a message that can be read was parked (${reason})`);
  }
  for (const body of sent) {
    const lost = filesToSettle(body).filter((id) => !warehouse.tables.ingest_files.has(id));
    if (lost.length > 0) world.violate(`P1: ${lost.join(', ')} of ${body} is not in the ledger`);
  }
}

/** Every entry names a batch that committed, and says of a file what can be true of it. */
function checkLedger({ bucket, warehouse, world }: Parts): void {
  const { ingest_batches: batches, ingest_files: files } = warehouse.tables;
  for (const { batchId, key, status } of files.values()) {
    if (!batches.has(batchId)) world.violate(`P4: ${key} names batch ${batchId}, which is not in the ledger`);
    const versions = bucket.history.filter((version) => version.key === key);
    if (status === 'quarantined' && versions.every((version) => isSound(version))) {
      world.violate(`P5: ${key} is quarantined and was never bad`);
    }
    if (status === 'missing' && !bucket.removed.has(key)) world.violate(`P1: ${key} is missing and was never removed`);
    if (status === 'ignored' && route({ bucket: ROUTE.bucket, key }, ROUTE).kind === 'load') {
      world.violate(`P1: ${key} is ignored and is ours`);
    }
  }
}

/** P2: however a version is announced, and as often as it may be, it is one entry of the ledger. */
function checkIdentity({ sent, world }: Parts): void {
  const ids = new Map<string, string>();
  for (const body of sent) {
    const notification = readNotification(body);
    if (notification.kind !== 'events') continue;
    for (const file of notification.files) {
      const version = `${file.key} ${BigInt(`0x${file.sequencer ?? '0'}`)}`;
      const before = ids.get(version);
      if (before !== undefined && before !== fileId(file)) world.violate(`P2: ${version} has two ids in the ledger`);
      ids.set(version, fileId(file));
    }
  }
}

/** P2, P3: the five tables are a function of the final bucket and of what was seen of it. */
function checkTables(parts: Parts): void {
  const { warehouse, world } = parts;
  const is = starOf(warehouse.tables);
  const shall = fullReload(finalBucket(parts));
  for (const table of STAR_TABLES) {
    const [rows, reloaded] = [new Set(is[table]), new Set(shall[table])];
    const extra = is[table].filter((line) => !reloaded.has(line));
    const lacking = shall[table].filter((line) => !rows.has(line));
    if (extra.length + lacking.length === 0) continue;
    world.violate(
      `P2/P3: ${table} differs from a full reload; only in the table: ${extra.slice(0, 3).join(' ')}; ` +
        `only in the reload: ${lacking.slice(0, 3).join(' ')}`,
    );
  }
}

/**
 * Logs: every version that was seen, and what is there. Songs: what is there; of those that are gone, or that nobody can
 * read now, the last that was read.
 */
function finalBucket({ bucket, warehouse }: Parts): Reloaded {
  const seen = [...warehouse.tables.seen.values()];
  const there = [...new Set(bucket.history.map(({ key }) => key))].flatMap((key) => bucket.read(key) ?? []);
  const logs = [
    ...seen.flatMap((one) => (one.kind === 'log' ? [one.text] : [])),
    ...there.filter(({ key }) => key.startsWith(ROUTE.logPrefix)).map(textOf),
  ];
  const readable = there.filter((version) => version.key.startsWith(ROUTE.songPrefix) && isSound(version));
  const isThere = new Set(readable.map(({ key }) => key));
  const kept = seen.flatMap((one) => (one.kind === 'song' && !isThere.has(one.key) ? [one] : []));
  const lastRead = new Map<string, ObjectVersion>();
  for (const version of kept.flatMap((one) => versionsOf(bucket, one)).toSorted((a, b) => a.number - b.number)) {
    lastRead.set(version.key, version);
  }
  const songs = [...readable, ...lastRead.values()];
  return {
    logs,
    songs: songs.map((version) => ({
      key: version.key,
      text: textOf(version),
      lastModifiedMs: lastModifiedMs(version),
    })),
  };
}

function versionsOf(bucket: SimulatedBucket, seen: Extract<Seen, { kind: 'song' }>): readonly ObjectVersion[] {
  return bucket.history.filter(
    (version) =>
      version.key === seen.key && version.etag === seen.etag && lastModifiedMs(version) === seen.lastModifiedMs,
  );
}

function textOf({ bytes, key }: ObjectVersion): string {
  return Buffer.from(key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

function isSound(version: ObjectVersion): boolean {
  try {
    for (const line of textOf(version).split('\n')) if (line.trim() !== '') JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function isUnreadable(body: string): boolean {
  const notification = readNotification(body);
  return notification.kind === 'unreadable' || (notification.kind === 'events' && notification.unreadable.length > 0);
}

/** The ledger's ids of the files that a message announces. */
function filesToSettle(body: string): readonly string[] {
  const notification = readNotification(body);
  if (notification.kind !== 'events') return [];
  return notification.files.filter((file) => route(file, ROUTE).kind !== 'drop').map(fileId);
}
