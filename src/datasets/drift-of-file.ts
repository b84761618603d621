import type { Dataset } from '../core/dataset.ts';
import type { Drift, DriftKind } from '../core/drift.ts';
import type { JsonObject } from '../core/json-object.ts';
import { IDENTITY_FIELDS, LOG_KEYS, PAGE, PLAY_FIELDS, USER_FIELDS } from './logs/fields.ts';
import type { LogKey } from './logs/fields.ts';
import type { LogKeyNames } from './logs/judge-event.ts';
import { SONG_FIELDS } from './songs/fields.ts';

/** JSON types of a value, by the first character of its token. */
type JsonTypes = 'string' | 'number' | 'either';

/** A key of a dataset as its producers write it. */
type UsualKey = { readonly types: JsonTypes; readonly isRead: boolean };

const NUMBERS: ReadonlySet<string> = new Set<LogKey>([
  ...(['itemInSession', 'length', 'registration', 'sessionId', 'status', 'ts'] as const),
]);
const LOG_KEYS_READ = new Set([PAGE, ...IDENTITY_FIELDS, ...USER_FIELDS, ...PLAY_FIELDS].map(({ key }) => key));
/** Players of both kinds are in use. */
const EITHER: LogKey = 'userId';

const SONG_NUMBERS: ReadonlySet<string> = new Set(['artist_latitude', 'artist_longitude', 'duration', 'year']);

/** By key in lower case, because the reader ignores case. */
type UsualKeys = ReadonlyMap<string, UsualKey & { readonly name: string }>;

function usualLogKeys(names: LogKeyNames | undefined): UsualKeys {
  const entries = LOG_KEYS.map((key) => {
    const name = names?.[key] ?? key;
    const types: JsonTypes = key === EITHER ? 'either' : NUMBERS.has(key) ? 'number' : 'string';
    return [name.toLowerCase(), { name, types, isRead: LOG_KEYS_READ.has(key) }] as const;
  });
  return new Map(entries);
}

const USUAL_SONG_KEYS: UsualKeys = new Map<string, UsualKey & { readonly name: string }>([
  ...SONG_FIELDS.map(({ key }) => {
    const types: JsonTypes = SONG_NUMBERS.has(key) ? 'number' : 'string';
    return [key, { name: key, types, isRead: true }] as const;
  }),
  ['num_songs', { name: 'num_songs', types: 'number', isRead: false }],
]);

/** Per shape of objects: what is unusual in its keys. */
type Shape = { readonly keys: readonly string[]; readonly types: readonly JsonTypes[] };

/** Foreign text: a longer key is cut. */
const KEY_CHARACTERS = 100;

/** Compares the objects of one file with the description of its dataset. */
export class DriftOfFile {
  readonly #place: { readonly dataset: Dataset; readonly bucket: string; readonly key: string };
  readonly #usual: UsualKeys;
  readonly #found = new Map<
    string,
    { readonly change: DriftKind; readonly key: string; lineNumber: number; count: number }
  >();
  readonly #present = new Set<string>();
  #shape: Shape = { keys: [], types: [] };
  #unknown: readonly string[] = [];
  #objects = 0;

  constructor(place: { readonly dataset: Dataset; readonly bucket: string; readonly key: string }, usual: UsualKeys) {
    this.#place = place;
    this.#usual = usual;
  }

  add(object: JsonObject): void {
    this.#objects += 1;
    // The reader gives objects with the same keys the same list.
    if (object.keys !== this.#shape.keys) this.#newShape(object.keys);
    for (const key of this.#unknown) this.#count('unknown', key, object.lineNumber);
    const { keys, types } = this.#shape;
    for (let at = 0; at < types.length; at += 1) {
      if (isUsual(object.tokens[at] ?? '', types[at] ?? 'either')) continue;
      this.#count('retyped', keys[at] ?? '', object.lineNumber);
    }
  }

  /** What differs, at the end of the file. */
  end(): readonly Drift[] {
    const { dataset, ...example } = this.#place;
    const lacking = [...this.#usual.values()].filter(({ isRead, name }) => isRead && !this.#present.has(name));
    if (this.#objects > 0) for (const { name } of lacking) this.#count('vanished', name, 1);
    return [...this.#found.values()].map(({ change, count, key, lineNumber }) => {
      return { dataset, change, key, count, example: { ...example, lineNumber } };
    });
  }

  #newShape(keys: readonly string[]): void {
    const usual = keys.map((key) => this.#usual.get(key.toLowerCase()));
    this.#shape = { keys, types: usual.map((one) => one?.types ?? 'either') };
    this.#unknown = keys.filter((_, at) => usual[at] === undefined);
    for (const one of usual) if (one !== undefined) this.#present.add(one.name);
  }

  #count(change: DriftKind, key: string, lineNumber: number): void {
    const name = key.slice(0, KEY_CHARACTERS);
    const id = `${change} ${name}`;
    const found = this.#found.get(id);
    if (found !== undefined) found.count += 1;
    else if (this.#found.size < MOST) this.#found.set(id, { change, key: name, lineNumber, count: 1 });
  }
}

/** A file may have any number of keys. */
const MOST = 50;

/** @param names the keys of the logs; `undefined`: the usual keys. */
export function driftOfFiles(
  names?: LogKeyNames,
): (place: { readonly dataset: Dataset; readonly bucket: string; readonly key: string }) => DriftOfFile {
  const logKeys = usualLogKeys(names);
  return (place) => new DriftOfFile(place, place.dataset === 'logs' ? logKeys : USUAL_SONG_KEYS);
}

const QUOTE = 0x22;
const NULL = 0x6e;
const MINUS = 0x2d;

function isUsual(token: string, types: JsonTypes): boolean {
  if (types === 'either') return true;
  const first = token.charCodeAt(0);
  if (first === NULL) return true;
  const isString = first === QUOTE;
  return types === 'string' ? isString : first === MINUS || (first >= 0x30 && first <= 0x39);
}
