import type { Dice } from '../src/generate/dice.ts';
import type { Claims, Forged, NoticeShape, Operation } from './history.ts';
import { NOTICE_SHAPES } from './history.ts';
import { md5 } from './model/values.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is not true and could be. The times are far enough from the true one to be unknown to the ledger, and near enough. */
const LIES: readonly Claims[] = [
  { size: 0 },
  { size: null },
  { size: 1 },
  { size: Number.MAX_SAFE_INTEGER },
  { etag: md5('another') },
  { etag: 'ü'.repeat(40) },
  { versionId: 'v'.repeat(1024) },
  { bucket: 'somebody-elses-data' },
  { timeOffMs: -10 * 365 * DAY_MS },
  { timeOffMs: -HOUR_MS },
  { timeOffMs: -601_000 },
  { timeOffMs: -2_000 },
  { timeOffMs: 500 },
  { timeOffMs: 601_000 },
  { timeOffMs: 23 * HOUR_MS },
  { size: 1, etag: md5('another'), timeOffMs: -DAY_MS },
];

/**
 * A sequencer is the one word of a notice that decides something: between two versions of a song object within a second
 * (docs/security.md). One that is too small is made good by the true notice, whenever that comes.
 */
const SEQUENCERS: readonly Claims[] = [
  { sequencer: null },
  { sequencer: null, timeOffMs: -HOUR_MS },
  { sequencer: '1' },
];
const HIGH_SEQUENCER: Claims = { sequencer: 'F'.repeat(32) };

/** What the ledger cannot store, or what nobody can mean. */
const FLAWS: readonly Claims[] = [
  { etag: '' },
  { etag: 'e\0' },
  { etag: 'e'.repeat(81) },
  { etag: '\ud800' },
  { versionId: 'v'.repeat(1025) },
  { sequencer: 'no digits' },
  { sequencer: 'F'.repeat(33) },
  { bucket: 'b'.repeat(64) },
  { bucket: 'no bucket!' },
  { size: -1 },
  { size: 1.5 },
  { size: Number.MAX_SAFE_INTEGER + 1 },
  { timeOffMs: -13 * 365 * DAY_MS },
  { timeOffMs: 25 * HOUR_MS },
];

/** Where nothing is, or nothing to load. */
const ABSENT_KEYS = [
  'song_data/nobody put this.json',
  'log_data/2018/11/nobody-put-this.json',
  'log_data/2018/11/nobody\0-put-this.json',
  `song_data/${'k'.repeat(1014)}`,
  'song_data/',
  'elsewhere/nobody.txt',
  'sparkify-work/batches/forged.json',
];
const IMPOSSIBLE_KEYS = [`song_data/${'k'.repeat(1015)}`, 'song_data/\ud800.json', ''];

/** @param usedKey a key under which there may be an object. */
export function someForgery(d: Dice, usedKey: () => string): Omit<Extract<Operation, { kind: 'forge' }>, 'atMs'> {
  const shape: NoticeShape = d.pick(NOTICE_SHAPES);
  // An event of EventBridge announces one object.
  const count = shape === 'eventbridge' || d.chance(0.7) ? 1 : d.between(2, 3);
  return { kind: 'forge', shape, records: Array.from({ length: count }, () => someRecord(d, usedKey)) };
}

function someRecord(d: Dice, usedKey: () => string): Forged {
  const roll = d.next();
  if (roll < 0.05) return { key: d.pick(IMPOSSIBLE_KEYS), claims: {}, isPossible: false };
  const key = d.chance(0.75) ? usedKey() : d.pick(ABSENT_KEYS);
  if (roll < 0.3) return { key, claims: d.pick(FLAWS), isPossible: false };
  if (roll < 0.7) return { key, claims: d.pick(LIES), isPossible: true };
  if (roll < 0.8) return { key, claims: {}, isPossible: true };
  const sequencers = key.startsWith('song_data/') ? SEQUENCERS : [...SEQUENCERS, HIGH_SEQUENCER];
  return { key, claims: d.pick(sequencers), isPossible: true };
}
