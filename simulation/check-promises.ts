import type { ObjectVersion, SimulatedBucket } from './bucket.ts';
import { BUCKET, lastModifiedMs } from './bucket.ts';
import { checkLineage } from './check-lineage.ts';
import { fullReload, starOf } from './model/full-reload.ts';
import type { Reloaded } from './model/full-reload.ts';
import { STAR_TABLES } from './model/tables.ts';
import type { LedgerFile, Tables } from './model/tables.ts';
import { md5 } from './model/values.ts';
import type { Announced, Sent } from './notices.ts';
import { announcedId, announcedIdentity, announcedVersion } from './notices.ts';
import type { SimulatedQueue } from './queue.ts';
import { ROUTE } from './service.ts';
import { NOT_UTF_8 } from './uploads.ts';
import type { RowTruth } from './uploads.ts';
import type { SimulatedWarehouse } from './warehouse.ts';
import type { World } from './world.ts';
import type { OnDelete } from './history.ts';

type Parts = {
  readonly world: World;
  readonly queue: SimulatedQueue;
  readonly bucket: SimulatedBucket;
  readonly warehouse: SimulatedWarehouse;
  /** All messages. */
  readonly sent: readonly Sent[];
  /** Nothing failed or crashed. */
  readonly isCalm: boolean;
  /** What the consumers do about a deletion. */
  readonly onDelete: readonly OnDelete[];
  /** Keys of which a retraction was done. */
  readonly retracted: ReadonlySet<string>;
};

/** P1: a message may be deleted when all its files are in the ledger; an unreadable one when it is parked. */
export function checkDeletion(
  parts: Omit<Parts, 'bucket' | 'isCalm' | 'onDelete' | 'retracted'>,
  message: { id: string; sent: Sent },
): void {
  const { queue, world } = parts;
  for (const file of unsettled(parts, message.sent)) {
    world.violate(`P1: message ${message.id} is deleted before the fate of ${named(file)} is committed`);
  }
  if (message.sent.isUnreadable && !queue.parked.some(({ id }) => id === message.id)) {
    world.violate(`P1: message ${message.id}, which cannot be read, is deleted and was not parked`);
  }
}

/** What has to hold when everything has come to rest. */
export function checkPromises(parts: Parts): void {
  checkNothingLost(parts);
  checkLedger(parts);
  checkRemoved(parts);
  checkTables(parts);
  checkLineage(parts.world, parts.warehouse.tables, reloadedOf(parts));
  checkRejected(parts);
  if (parts.isCalm) checkParts(parts);
}

function checkNothingLost(parts: Parts): void {
  const { queue, sent, world } = parts;
  for (const { reason, sent: one } of queue.parked) {
    if (!one.isUnreadable || reason === '') world.violate(`P1: a message that can be read was parked (${reason})`);
  }
  for (const file of sent.flatMap((one) => unsettled(parts, one))) {
    world.violate(`P1: ${named(file)} is not in the ledger`);
  }
}

/** Files of a message that are not in the ledger. Notices without a sequencer name one event at any time (D2). */
function unsettled({ sent, warehouse }: Pick<Parts, 'sent' | 'warehouse'>, message: Sent): readonly Announced[] {
  const ids = new Set([...warehouse.tables.ingest_files.values()].map(({ fileId }) => fileId));
  return message.files.filter((file) => {
    if (isWorkFile(file) || ids.has(announcedId(file))) return false;
    if (file.sequencer !== null) return true;
    const identity = announcedIdentity(file);
    const same = sent.flatMap(({ files }) => files).filter((other) => announcedIdentity(other) === identity);
    return !same.some((other) => ids.has(announcedId(other)));
  });
}

/** Every entry names a batch that committed, and says of a file what can be true of it. */
function checkLedger({ bucket, onDelete, retracted, sent, warehouse, world }: Parts): void {
  const { ingest_batches: batches, ingest_files: files } = warehouse.tables;
  const announced = sent.flatMap((one) => one.files);
  const deletions = new Set(announced.filter(({ change }) => change === 'delete').map(announcedId));
  const [ours, absent] = [new Map<string, string>(), new Set<string>()];
  for (const { bucket: name, isThere, key } of [...announced, ...bucket.history.map(announcedVersion)]) {
    const id = objectId(name, key);
    if (isOurs({ bucket: name, key })) ours.set(id, key);
    if (!isThere || bucket.removed.has(key)) absent.add(id);
  }
  for (const key of retracted) {
    const id = objectId(BUCKET, key);
    ours.set(id, key);
    if (![...files.values()].some((entry) => entry.objectId === id && entry.errorCode === 'retracted')) {
      world.violate(`P1: the retraction of ${key} is not in the ledger`);
    }
  }
  for (const entry of files.values()) {
    const { batchId, objectId: id, status } = entry;
    const key = ours.get(id);
    if (!batches.has(batchId)) world.violate(`P4: ${entry.key} names batch ${batchId}, which is not in the ledger`);
    const versions = bucket.history.filter((one) => one.key === key);
    const isOfContent = status === 'loaded' || status === 'superseded';
    if (isOfContent && !versions.some((one) => one.etag === entry.etag && isSound(one))) {
      world.violate(`P5: ${entry.key} is called ${status} in a version that cannot be loaded`);
    }
    const live = warehouse.tables.ingest_objects.get(id);
    // What a program from before the lineage loaded has no live version that another one could replace.
    const isOld = (batches.get(batchId)?.publishedMs ?? 0) <= warehouse.upgradedAtMs;
    if (status === 'loaded' && live?.etag !== entry.etag && !isOld) {
      world.violate(`P9: ${entry.key} is called loaded in a version that is not live (${entry.etag})`);
    }
    if (isUndelivered(entry.errorCode) && entry.errorCode !== CHANGING && !bucket.ownTrouble.has(key ?? '')) {
      world.violate(`P1: ${entry.key} is quarantined, and no other object could be read to show that it is alone`);
    }
    if (!isOfContent && (entry.reason ?? '') === '') world.violate(`P1: ${entry.key} is ${status} without a reason`);
    if (
      status === 'quarantined' &&
      !isUndelivered(entry.errorCode) &&
      !versions.some((one) => isQuarantined(one, entry))
    )
      world.violate(`P5: ${entry.key} is quarantined (${entry.errorCode}) and was never bad in that way`);
    if (status === 'missing' && !absent.has(id)) world.violate(`P1: ${entry.key} is missing and was always there`);
    const isRetracted = entry.errorCode === 'retracted' && retracted.has(key ?? '');
    if (status === 'removed' && !absent.has(id) && !isRetracted)
      world.violate(`P1: ${entry.key} is removed and was always there`);
    const isKept = deletions.has(entry.fileId) && onDelete.includes('keep');
    if (status === 'ignored' ? key !== undefined && !isKept : key === undefined) {
      world.violate(`P1: ${entry.key} is ${status} and is ${key === undefined ? 'not ' : ''}ours`);
    }
  }
  for (const version of bucket.history.filter((one) => isDelivered(one, bucket))) {
    if (isRetractedVersion(version, warehouse)) continue;
    const { etag, key } = version;
    const entries = [...files.values()].filter((entry) => entry.objectId === objectId(BUCKET, key));
    if (!entries.some((entry) => entry.status === 'loaded' && entry.etag === etag)) {
      world.violate(`P1: ${key} can be read, and the ledger does not say that it is loaded`);
    }
  }
  for (const [fileId, entries] of Map.groupBy(files.values(), (entry) => entry.fileId)) {
    const times = entries.map(({ eventMs }) => eventMs).toSorted((a, b) => a - b);
    if (times.some((atMs, index) => index > 0 && atMs - (times[index - 1] ?? 0) <= KNOWN_WITHIN_MS)) {
      world.violate(`P2: ${fileId} stands in the ledger twice`);
    }
  }
}

/** With `remove` the rows of an object that is gone are gone, whatever overtook its deletion; with `keep` they stay. */
function checkRemoved({ bucket, onDelete, warehouse, world }: Parts): void {
  const there = new Set(bucket.keysBelow('').map((key) => objectId(BUCKET, key)));
  for (const [id, { key, status }] of warehouse.tables.ingest_objects) {
    if (status === 'removed' && !onDelete.includes('remove')) {
      world.violate(`P3: the rows of ${key} are removed, and every consumer keeps the rows of deleted objects`);
    }
    if (status === 'live' && !onDelete.includes('keep') && !there.has(id)) {
      world.violate(`P3: ${key} was deleted, every consumer removes the rows of deleted objects, and they are live`);
    }
  }
}

/** An event that is announced again with a time that differs by no more is known (docs/SPEC.md D17, D21). */
const KNOWN_WITHIN_MS = 600_000;

/** Somebody overwrote it again and again while it was read. */
const CHANGING = 'object_changing';

/** Whether S3 did not deliver it, as the error code says. */
export function isUndelivered(errorCode: string | null): boolean {
  return errorCode?.startsWith('object_') ?? false;
}

/** What the warehouse refused was in a part, and the ledger names the version of the notice. */
function isQuarantined({ etag, truth }: ObjectVersion, entry: LedgerFile): boolean {
  if (truth?.kind !== 'quarantined' || truth.code !== entry.errorCode) return false;
  return truth.code === 'refused_by_warehouse' || etag === entry.etag;
}

function objectId(bucket: string, key: string): string {
  return md5(JSON.stringify([bucket, key]));
}

/** Whether it belongs to a dataset; its contents are. */
function isOurs({ bucket, key }: { readonly bucket: string; readonly key: string }): boolean {
  return bucket === BUCKET && /^(?:song|log)_data\//.test(key) && !key.endsWith('/');
}

function isWorkFile({ bucket, key }: Announced): boolean {
  return bucket === BUCKET && key.startsWith(ROUTE.workPrefix);
}

function named(file: Announced): string {
  return `${JSON.stringify(file.key)} (${announcedId(file)})`;
}

/** P2, P3: the five tables are a function of the last look at each object. */
function checkTables(parts: Parts): void {
  const { warehouse, world } = parts;
  const is = starOf(warehouse.tables);
  const shall = fullReload(reloadedOf(parts));
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
 * Of each object what is there, unless a person retracted it; of one that is gone, or cannot be loaded as it is now, the version that is
 * live in the warehouse.
 */
export function lastLooks({ bucket, warehouse }: Pick<Parts, 'bucket' | 'warehouse'>): readonly ObjectVersion[] {
  const versions = Map.groupBy(bucket.history.filter(isLoadable), ({ key }) => key);
  return [...versions].flatMap(([key, all]) => {
    const there = bucket.read(key);
    if (there !== null && isLoadable(there)) return isRetractedVersion(there, warehouse) ? [] : [there];
    const live = warehouse.tables.ingest_objects.get(objectId(BUCKET, key));
    if (live?.status !== 'live') return [];
    return all.findLast((one) => one.etag === live.etag && lastModifiedMs(one) === live.lastModifiedMs) ?? [];
  });
}

function isRetractedVersion(version: ObjectVersion, { tables }: SimulatedWarehouse): boolean {
  const row = tables.ingest_objects.get(objectId(BUCKET, version.key));
  return row?.status === 'retracted' && row.etag === version.etag && row.lastModifiedMs === lastModifiedMs(version);
}

/** What is left of a program from before the lineage. What may become of it is checked at every commit. */
export function rowsWithoutObject({ songplays, user_sources }: Tables): Reloaded['old'] {
  const [noUser, noPlay] = [
    { firstName: null, lastName: null, gender: null },
    { isPlay: false, location: null, userAgent: null, title: null, artistName: null, length: null },
  ];
  const isOld = ({ objectId: id }: { readonly objectId: string | null }) => id === null;
  const plays = [...songplays.values()].filter(isOld).map((play) => ({ ...play, ...noUser, isPlay: true }));
  const users = [...user_sources.values()]
    .filter(isOld)
    .map((user) => ({ ...user, ...noPlay, startMs: user.lastMs, sessionId: user.lastSession, item: user.lastItem }));
  return { plays, users };
}

function reloadedOf(parts: Pick<Parts, 'bucket' | 'warehouse'>): Reloaded {
  const versions = lastLooks(parts);
  const below = (prefix: string) =>
    versions
      .filter(({ key }) => key.startsWith(prefix))
      .map((version) => ({ key: version.key, rows: rowsOf(version), lastModifiedMs: lastModifiedMs(version) }));
  const old = rowsWithoutObject(parts.warehouse.tables);
  return { logs: below(ROUTE.logPrefix), songs: below(ROUTE.songPrefix), old };
}

/** It belongs to a dataset, and nothing is wrong with all of it. */
function isLoadable(version: ObjectVersion): boolean {
  return isOurs({ bucket: BUCKET, key: version.key }) && isSound(version);
}

function rowsOf({ truth }: ObjectVersion): readonly RowTruth[] {
  return truth?.kind === 'rows' ? truth.rows : [];
}

/** An object that is there and can be loaded. */
function isDelivered(version: ObjectVersion, bucket: SimulatedBucket): boolean {
  return bucket.read(version.key) === version && isLoadable(version);
}

function isSound({ truth }: ObjectVersion): boolean {
  return truth?.kind === 'rows';
}

/** P5: every row of a live version that does not fit is kept with its object, line, column and text, and no row that fits is. */
function checkRejected(parts: Parts): void {
  const { bucket, warehouse, world } = parts;
  const line = (id: string, { column, line: at, text }: { column: string; line: number; text: string }) =>
    JSON.stringify([id, at, column, text]);
  const rejectedOf = (versions: readonly ObjectVersion[]) =>
    new Set(
      versions.flatMap((version) =>
        rowsOf(version).flatMap((row) =>
          row.kind === 'rejected' ? [line(objectId(BUCKET, version.key), { ...row, text: keptText(row.text) })] : [],
        ),
      ),
    );
  const rows = [...warehouse.tables.rejected_rows.values()];
  const is = new Set(rows.map((row) => line(row.objectId, row)));
  const may = rejectedOf(bucket.history.filter(isLoadable));
  for (const row of is) if (!may.has(row)) world.violate(`P5: a row is rejected that fits: ${row}`);
  // A row that moves to another line with a new version is known by its place among the rows, and stays as it is.
  const withoutLine = (row: string) => JSON.stringify((JSON.parse(row) as unknown[]).toSpliced(1, 1));
  const kept = new Set([...is].map(withoutLine));
  for (const row of rejectedOf(lastLooks(parts))) {
    if (!kept.has(withoutLine(row))) world.violate(`P5: a row that does not fit is not kept: ${row}`);
  }
  const files = new Map([...warehouse.tables.ingest_files.values()].map((file) => [file.fileId, file.objectId]));
  for (const row of rows) {
    if (files.get(row.fileId) !== row.objectId) world.violate(`P9: a rejected row of ${row.key} names no file of it`);
  }
}

/** Parts are a second copy of what users put: they go with their load. */
function checkParts({ bucket, world }: Parts): void {
  const left = bucket.keysBelow(ROUTE.workPrefix).filter((key) => key.includes('/part-'));
  if (left.length > 0) world.violate(`P5: ${left.length} parts are left in the bucket, ${left[0]} among them`);
}

/** As a text column holds it. */
function keptText(text: string): string {
  const stored = text.replaceAll(NOT_UTF_8, '\ufffd').replaceAll('\0', '\ufffd');
  return Buffer.from(stored).subarray(0, ROW_TEXT_BYTES).toString();
}

const ROW_TEXT_BYTES = 65_535;
