import type { ErrorCode } from '../src/core/errors.ts';
import { dice } from '../src/generate/dice.ts';
import type { Dice } from '../src/generate/dice.ts';
import type { Fault, FaultKind } from './faults.ts';
import { logText, songText, soundLogText } from './generate-content.ts';
import type { History, HistorySettings, Operation } from './history.ts';

/** How large and how rough histories are. */
export type HistorySize = {
  readonly minOperations: number;
  readonly maxOperations: number;
  /** `calm`: only puts, removals, late and doubled notices and backfills; nothing fails and nobody crashes. */
  readonly isCalm: boolean;
};

const USUAL_SIZE: HistorySize = { minOperations: 8, maxOperations: 45, isCalm: false };

/** The history of a seed. Numbers are drawn small, so that keys, songs, artists, users and times meet often. */
export function generateHistory(seed: number, size: HistorySize = USUAL_SIZE): History {
  const throwing = dice(seed, 'history', 0);
  const settings = someSettings(throwing);
  const count = throwing.between(size.minOperations, size.maxOperations);
  // Some histories are dense, some have long pauses.
  const pauseMs = throwing.pick([50, 500, 3_000, 20_000]);
  const operations: Operation[] = [];
  let atMs = 0;
  for (let index = 0; index < count; index += 1) {
    const own = dice(seed, 'operation', index);
    const before = operations.at(-1);
    if (before?.kind === 'put' && own.chance(0.25)) {
      atMs += own.between(20, 900);
      operations.push({ atMs, ...overwrite(own, before.objects[0]?.key ?? someKey(own)) });
      continue;
    }
    atMs += own.chance(0.3) ? 0 : own.between(0, 2 * pauseMs);
    operations.push({ atMs, ...someOperation(own, settings, size.isCalm) });
  }
  return { seed, settings, operations };
}

function someSettings(d: Dice): HistorySettings {
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
  };
}

type Kind = Operation['kind'];
type WithoutTime<O> = O extends unknown ? Omit<O, 'atMs'> : never;

/** How often each happens, in comparison. */
const WEIGHTS: readonly (readonly [Kind, number])[] = [
  ['put', 48],
  ['remove', 8],
  ['foreign', 1],
  ['again', 6],
  ['backfill', 4],
  ['fault', 20],
  ['crash', 7],
  ['stop', 3],
  ['jump', 1],
  ['away', 4],
  ['restart_warehouse', 2],
];
const CALM: ReadonlySet<Kind> = new Set<Kind>(['put', 'remove', 'foreign', 'again', 'backfill']);

function someOperation(d: Dice, settings: HistorySettings, isCalm: boolean): WithoutTime<Operation> {
  const consumer = d.between(0, settings.consumers - 1);
  const kind = weighted(d, isCalm ? WEIGHTS.filter(([name]) => CALM.has(name)) : WEIGHTS);
  switch (kind) {
    case 'put': {
      const objects = Array.from({ length: d.chance(0.85) ? 1 : d.between(2, 3) }, () => someObject(d));
      // An event of EventBridge announces one object.
      const isSingle = settings.shape === 'eventbridge' || settings.shape === 'mixed';
      return { kind, objects: isSingle ? objects.slice(0, 1) : objects, notices: notices(d) };
    }
    case 'remove':
      return { kind, key: someKey(d) };
    case 'foreign':
      return { kind, body: d.pick(['no JSON', '{"hello":"world"}', '{"Event":"s3:TestEvent"}', '{"Records":[{}]}']) };
    case 'again':
      return { kind, message: d.between(0, 40) };
    case 'backfill':
      return { kind, crashAfterMs: !isCalm && d.chance(0.4) ? d.between(50, 5_000) : null };
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
    case 'restart_warehouse':
      return { kind, awayMs: d.pick([0, 5_000, 60_000]) };
  }
}

const AWAY: readonly ErrorCode[] = ['warehouse_paused', 'warehouse_unavailable', 'disk_full', 'credentials_expired'];

function weighted(d: Dice, weights: readonly (readonly [Kind, number])[]): Kind {
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
  return Array.from({ length: count }, () => (d.chance(0.8) ? d.between(5, 800) : d.between(800, 60_000)));
}

function someKey(d: Dice): string {
  const roll = d.next();
  if (roll < 0.45) return `song_data/${d.pick(['A', 'B', 'C', 'a b+%'])}.json`;
  if (roll < 0.9) return `log_data/2018/11/${d.between(1, 6)}-events.json`;
  if (roll < 0.96) return `log_data/2018/11/${d.between(1, 3)}-events.json.gz`;
  return 'elsewhere/notes.txt';
}

/** The object that was just put again, within the same second as a rule: after its notice, or before it, or while it is read. */
function overwrite(d: Dice, key: string): WithoutTime<Extract<Operation, { kind: 'put' }>> {
  return { kind: 'put', objects: [{ key, text: someText(d, key) }], notices: notices(d) };
}

function someObject(d: Dice): { key: string; text: string } {
  const key = someKey(d);
  return { key, text: someText(d, key) };
}

function someText(d: Dice, key: string): string {
  if (key.startsWith('song_data/')) return songText(d);
  return key.endsWith('.gz') ? soundLogText(d) : logText(d);
}

const REFUSALS: readonly ErrorCode[] = ['throttled', 'endpoint_unreachable', 'credentials_expired'];
const ROLLBACKS: readonly ErrorCode[] = ['serialization_conflict', 'deadlock', 'timeout', 'unknown', 'aborted'];

function someFault(d: Dice): { fault: Fault; count: number } {
  const count = d.chance(0.7) ? 1 : d.between(2, 6);
  const roll = d.next();
  if (roll < 0.6) return { fault: warehouseFault(d), count };
  if (roll < 0.85) {
    const operation = d.pick(['receive', 'delete', 'delete', 'changeVisibility', 'park', 'any']);
    const kind = d.pick<FaultKind>(['refused', 'lost_request', 'lost_answer', 'entries', 'slow']);
    return { fault: { target: 'queue', operation, kind, code: d.pick(REFUSALS) }, count };
  }
  const operation = d.pick(['open', 'put', 'exists', 'list', 'any']);
  const kind = d.pick<FaultKind>(['refused', 'lost_request', 'lost_answer', 'slow']);
  return { fault: { target: 'bucket', operation, kind, code: d.pick(REFUSALS) }, count };
}

function warehouseFault(d: Dice): Fault {
  const operation = d.pick(['know', 'stage', 'stage', 'publish', 'publish', 'publish', 'committed', 'rows', 'any']);
  const kind = d.pick<FaultKind>([
    ...(['refused', 'lost_request', 'lost_answer', 'lost_answer', 'rolled_back', 'late'] as const),
    ...(['session_lost', 'tables_gone', 'slow'] as const),
  ]);
  const code = kind === 'rolled_back' ? d.pick(ROLLBACKS) : d.pick([...AWAY, ...REFUSALS, 'access_denied' as const]);
  return { target: 'warehouse', operation, kind, code };
}
