import type { ErrorCode } from '../src/core/errors.ts';
import { dice } from '../src/generate/dice.ts';
import type { Dice } from '../src/generate/dice.ts';
import type { Unreadable } from './bucket.ts';
import type { Fault, FaultKind } from './faults.ts';
import { someForgery } from './generate-forgery.ts';
import { logUpload, songUpload } from './generate-content.ts';
import type { SharedDice } from './generate-content.ts';
import type { History, HistorySettings, OnDelete, Operation } from './history.ts';
import { isCalmKind } from './history.ts';
import type { Upload } from './uploads.ts';

/** Who writes an operation. `shared`: dice of a history that always throw the same. `operations`: those before. */
type Writer = { readonly d: Dice; readonly shared: SharedDice; readonly operations: readonly Operation[] };

/** How large and how rough histories are. */
export type HistorySize = {
  readonly minOperations: number;
  readonly maxOperations: number;
  /** `calm`: only puts, removals, late and doubled notices and backfills; nothing fails and nobody crashes. */
  readonly isCalm: boolean;
};

const USUAL_SIZE: HistorySize = { minOperations: 10, maxOperations: 52, isCalm: false };
/** Of the histories of the usual size. */
const CALM_SHARE = 0.06;

/** The history of a seed. Numbers are drawn small, so that keys, songs, artists, users and times meet often. */
export function generateHistory(seed: number, size: HistorySize = USUAL_SIZE): History {
  const throwing = dice(seed, 'history', 0);
  const plan = dice(seed, 'plan', 0);
  const settings = {
    ...someSettings(throwing, dice(seed, 'rest', 0)),
    isAlwaysExact: plan.chance(0.3),
    onDelete: someOnDelete(dice(seed, 'deletion', 0)),
  };
  const isCalm = size.isCalm || throwing.chance(CALM_SHARE);
  const count = throwing.between(size.minOperations, size.maxOperations);
  // Some histories are dense, some have long pauses.
  const pauseMs = throwing.pick([50, 500, 3_000, 20_000]);
  const operations: Operation[] = [];
  let atMs = 0;
  for (let index = 0; index < count; index += 1) {
    const own = dice(seed, 'operation', index);
    const writer: Writer = { d: own, shared: (kind, number) => dice(seed, kind, number), operations };
    const before = operations.at(-1);
    if (before?.kind === 'put' && own.chance(0.35)) {
      atMs += own.between(20, 900);
      operations.push({ atMs, ...overwrite(writer, before.objects[0]?.key ?? someKey(own)) });
      continue;
    }
    if (before?.kind === 'unreadable') {
      atMs += own.between(0, 900);
      operations.push({ atMs, ...overwrite(writer, someKeyUnder(own, before.under)) });
      continue;
    }
    atMs += own.chance(0.3) ? 0 : own.between(0, 2 * pauseMs);
    const operation = someOperation(writer, settings, isCalm);
    // Whoever is asked to stop has calls under way, and some of them get no answer.
    if (operation.kind === 'stop' && own.chance(0.5)) operations.push({ atMs, ...silence(own) });
    operations.push({ atMs, ...operation });
  }
  return { seed, settings, operations: withPersons(dice(seed, 'persons', 0), operations, isCalm) };
}

/** Adds what persons do: they retract objects, and upgrade from a program from before the lineage. */
function withPersons(d: Dice, operations: readonly Operation[], isCalm: boolean): readonly Operation[] {
  const lastMs = operations.at(-1)?.atMs ?? 0;
  const added: Operation[] = [];
  if (d.chance(0.3)) {
    for (let left = d.between(1, 3); left > 0; left -= 1) {
      const keys = Array.from({ length: d.between(1, 3) }, () => (d.chance(0.6) ? someLogKey(d) : someSongKey(d)));
      added.push({ kind: 'retract', atMs: d.between(0, lastMs + 5_000), keys: [...new Set(keys)] });
    }
  }
  if (d.chance(0.15)) added.push({ kind: 'backfill', atMs: d.between(0, lastMs), isReload: true, crashAfterMs: null });
  if (!isCalm && d.chance(0.15)) added.push({ kind: 'upgrade', atMs: d.between(0, lastMs) });
  const [retracted] = added.flatMap((one) => (one.kind === 'retract' ? [one.keys] : []));
  if (retracted !== undefined && d.chance(0.5)) {
    const reload = { kind: 'backfill', isReload: true, crashAfterMs: null, keys: retracted } as const;
    added.push({ ...reload, atMs: d.between(0, lastMs + 5_000) });
  }
  return [...operations, ...added].toSorted((a, b) => a.atMs - b.atMs);
}

/** Of three consumers: most of the time all do the same. */
function someOnDelete(d: Dice): readonly OnDelete[] {
  const all = d.pick(['keep', 'remove', 'remove', 'mixed'] as const);
  return Array.from({ length: 3 }, () => (all === 'mixed' ? d.pick(['keep', 'remove'] as const) : all));
}

type DrawnSettings = Omit<HistorySettings, 'isAlwaysExact' | 'onDelete'>;

function someSettings(d: Dice, resting: Dice): DrawnSettings {
  return {
    consumers: d.between(1, 3),
    shape: d.pick(['s3', 'sns', 'eventbridge', 'mixed']),
    lingerMs: d.pick([0, 200, 2_000]),
    batchMaxFiles: d.pick([1, 2, 5, 100]),
    batchMaxBytes: d.pick([300, 100_000]),
    batchMaxAgeMs: d.pick([1_000, 10_000, 30_000]),
    maxHeldFiles: d.pick([10, 50]),
    // The settings ask for a lease that is longer than the drain time.
    visibilitySeconds: d.pick([20, 30, 120]),
    drainSeconds: d.pick([2, 8]),
    receivers: d.pick([1, 4]),
    longPollSeconds: d.pick([1, 5]),
    loadIntervalMs: resting.pick([0, 0, 0, 5_000]),
    loadRest: resting.pick([0, 0, 1, 4]),
    loadRestMaxMs: resting.pick([1_000, 60_000]),
    readLimits: { readsAtOnce: d.pick([1, 2, 16]), batchUnpackedBytes: d.pick([1_000, 10_000_000, 10_000_000]) },
  };
}

type Kind = Operation['kind'];
type Drawn = Exclude<Kind, 'retract' | 'upgrade'>;
type WithoutTime<O> = O extends unknown ? Omit<O, 'atMs'> : never;

/** How often each happens, in comparison. */
const WEIGHTS: readonly (readonly [Drawn, number])[] = [
  ['put', 48],
  ['remove', 8],
  ['revert', 4],
  ['foreign', 1],
  ['forge', 10],
  ['again', 6],
  ['backfill', 4],
  ['fault', 23],
  ['crash', 7],
  ['stop', 5],
  ['jump', 1],
  ['away', 4],
  ['restart_warehouse', 2],
  ['unreadable', 5],
];

function someOperation(writer: Writer, settings: DrawnSettings, isCalm: boolean): WithoutTime<Operation> {
  const { d } = writer;
  const consumer = d.between(0, settings.consumers - 1);
  const kind = weighted(d, isCalm ? WEIGHTS.filter(([name]) => isCalmKind(name)) : WEIGHTS);
  switch (kind) {
    case 'put': {
      const objects = Array.from({ length: d.chance(0.85) ? 1 : d.between(2, 3) }, () => someObject(writer));
      // An event of EventBridge announces one object.
      const isSingle = settings.shape === 'eventbridge' || settings.shape === 'mixed';
      return { kind, objects: isSingle ? objects.slice(0, 1) : objects, notices: notices(d), uploadMs: uploadMs(d) };
    }
    case 'remove':
      return { kind, key: someKey(d), notices: notices(d) };
    case 'revert':
      return { kind, key: someKey(d) };
    case 'foreign':
      if (d.chance(0.25)) return { kind, body: '{"Event":"s3:TestEvent"}', isUnreadable: false };
      return { kind, body: d.pick(['no JSON', '{"hello":"world"}', '{"Records":[{}]}']), isUnreadable: true };
    case 'forge':
      return someForgery(d, () => someKey(d));
    case 'again':
      return { kind, message: d.between(0, 40) };
    case 'backfill':
      return { kind, isReload: false, crashAfterMs: !isCalm && d.chance(0.4) ? d.between(50, 5_000) : null };
    case 'fault':
      return { kind, ...someFault(d) };
    case 'crash':
      return { kind, consumer, backAfterMs: d.pick([0, 500, 20_000]) };
    case 'stop':
      return { kind, consumer, isHurried: d.chance(0.3), backAfterMs: d.pick([0, 5_000]) };
    case 'jump':
      return { kind, consumer, byMs: d.pick([-3_600_000, -60_000, -1_500, 1_500, 60_000, 3_600_000, 46_800_000]) };
    case 'away': {
      const target = d.pick(['queue', 'bucket', 'warehouse', 'warehouse', 'warehouse'] as const);
      const code: ErrorCode = target === 'warehouse' ? d.pick(AWAY) : d.pick(['endpoint_unreachable', 'throttled']);
      return { kind, target, code, forMs: d.pick([2_000, 30_000, 300_000]) };
    }
    case 'unreadable':
      return { kind, ...someUnreadable(d) };
    case 'restart_warehouse':
      return { kind, awayMs: d.pick([0, 5_000, 60_000]) };
  }
}

const REFUSED: readonly Unreadable[] = ['access_denied', 'key_refused', 'request_refused'];
const UNDELIVERED: readonly Unreadable[] = ['service_unavailable', 'throttled', 'silent'];

/** One object for a while or for ever, or all of a prefix for a while. */
function someUnreadable(d: Dice): { under: string; how: Unreadable; forMs: number | null } {
  if (d.chance(0.3)) {
    const under = d.pick(['song_data/', 'log_data/']);
    return { under, how: d.pick([...REFUSED, ...UNDELIVERED]), forMs: d.pick([5_000, 60_000, 900_000]) };
  }
  const how = d.pick([...REFUSED, ...REFUSED, ...UNDELIVERED, 'object_unreadable', 'cut'] as const);
  return { under: d.pick(UNREADABLE_KEYS), how, forMs: d.pick([5_000, 60_000, 900_000, null]) };
}

const UNREADABLE_KEYS = [
  ...['A', 'B', 'C'].map((name) => `song_data/${name}.json`),
  ...['1-events.json.gz', '2-events.json', '4-events.json'].map((name) => `log_data/2018/11/${name}`),
];

const AWAY: readonly ErrorCode[] = ['warehouse_paused', 'warehouse_unavailable', 'disk_full', 'credentials_expired'];

function weighted(d: Dice, weights: readonly (readonly [Drawn, number])[]): Drawn {
  let left = d.next() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'put';
}

/** Mostly soon, sometimes twice, sometimes much later than what came after. */
function notices(d: Dice): readonly number[] {
  const count = d.chance(0.75) ? 1 : d.between(2, 3);
  return Array.from({ length: count }, () =>
    d.chance(0.8) ? d.between(5, d.pick([50, 800])) : d.between(800, 60_000),
  );
}

/** What S3 can hold. Each makes a key of 1,024 bytes at most. */
const ODD_NAMES = ['nul\0.json', 'bell\u0007.json', 'ü🎵\u202e.json', 'k'.repeat(1014)];

function someSongKey(d: Dice): string {
  return `song_data/${d.pick(['A', 'B', 'C', 'a b+%'])}.json`;
}

function someLogKey(d: Dice): string {
  const isArchive = d.chance(0.12);
  return `log_data/2018/11/${d.between(1, isArchive ? 3 : 6)}-events.json${isArchive ? '.gz' : ''}`;
}

function someKeyUnder(d: Dice, under: string): string {
  if (!under.endsWith('/')) return under;
  return under.startsWith('song') ? someSongKey(d) : someLogKey(d);
}

function someKey(d: Dice): string {
  const roll = d.next();
  if (roll < 0.43) return someSongKey(d);
  if (roll < 0.45) return `song_data/${d.pick(ODD_NAMES)}`;
  if (roll < 0.47) return `log_data/${d.pick(ODD_NAMES)}`;
  return roll < 0.96 ? someLogKey(d) : 'elsewhere/notes.txt';
}

/**
 * The object that was just put again, within the same second as a rule: after its notice, or before it, or while it is read.
 * Or the one that just became unreadable.
 */
function overwrite(writer: Writer, key: string): WithoutTime<Extract<Operation, { kind: 'put' }>> {
  const { d } = writer;
  return {
    kind: 'put',
    objects: [{ key, upload: someUpload(writer, key) }],
    notices: notices(d),
    uploadMs: uploadMs(d),
  };
}

/** Few uploads are in parts. */
function uploadMs(d: Dice): number {
  return d.chance(0.85) ? 0 : d.between(1_000, d.pick([5_000, 600_000]));
}

function someObject(writer: Writer): { key: string; upload: Upload } {
  const key = someKey(writer.d);
  return { key, upload: someUpload(writer, key) };
}

/** Something new, or what an object of the dataset held before: most of the time this object. */
function someUpload({ d, operations, shared }: Writer, key: string): Upload {
  const isSong = key.startsWith('song_data/');
  if (d.chance(0.2)) {
    const puts = operations.flatMap((operation) => (operation.kind === 'put' ? operation.objects : []));
    const earlier = puts.filter((one) => (d.chance(0.7) ? one.key === key : one.key.startsWith(key.slice(0, 8))));
    if (earlier.length > 0) return d.pick(earlier).upload;
  }
  return isSong ? songUpload(d, key, shared) : logUpload(d, key, shared);
}

function silence(d: Dice): WithoutTime<Extract<Operation, { kind: 'fault' }>> {
  const target = d.pick(['queue', 'queue', 'bucket', 'warehouse'] as const);
  return { kind: 'fault', fault: { target, operation: 'any', kind: 'silent', code: 'endpoint_unreachable' }, count: 8 };
}

const REFUSALS: readonly ErrorCode[] = ['throttled', 'endpoint_unreachable', 'credentials_expired'];
const ROLLBACKS: readonly ErrorCode[] = ['serialization_conflict', 'deadlock', 'timeout', 'unknown', 'aborted'];

function someFault(d: Dice): { fault: Fault; count: number } {
  const count = d.chance(0.6) ? 1 : d.between(3, 6);
  const roll = d.next();
  if (roll < 0.6) return { fault: warehouseFault(d), count };
  if (roll < 0.85) {
    const operation = d.pick(['receive', 'delete', 'delete', 'changeVisibility', 'park', 'any'] as const);
    const kind = d.pick<FaultKind>(['refused', 'lost_request', 'lost_answer', 'entries', 'slow', 'silent', 'silent']);
    return { fault: { target: 'queue', operation, kind, code: d.pick(REFUSALS) }, count };
  }
  const operation = d.pick(['open', 'open', 'probe', 'put', 'remove', 'list', 'any'] as const);
  const kind = d.pick<FaultKind>(['refused', 'lost_request', 'lost_answer', 'slow', 'silent']);
  return { fault: { target: 'bucket', operation, kind, code: d.pick(REFUSALS) }, count };
}

function warehouseFault(d: Dice): Fault {
  const stages = ['know', 'stage', 'stage', 'publish', 'publish', 'publish', 'committed'] as const;
  const operation = d.pick([...stages, 'rows', 'any'] as const);
  const kind = d.pick<FaultKind>([
    ...(['refused', 'lost_request', 'lost_answer', 'lost_answer', 'rolled_back', 'late'] as const),
    ...(['session_lost', 'tables_gone', 'slow', 'silent'] as const),
  ]);
  const code = kind === 'rolled_back' ? d.pick(ROLLBACKS) : d.pick([...AWAY, ...REFUSALS, 'access_denied' as const]);
  return { target: 'warehouse', operation, kind, code };
}
