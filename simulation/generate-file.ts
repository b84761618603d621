import type { Dice } from '../src/generate/dice.ts';
import { NOT_UTF_8 } from './uploads.ts';
import type { EventTruth, FileTruth, Packing, RowTruth, SongTruth, Upload } from './uploads.ts';

/** A row before it is written: its members as JSON tokens, `null` for a key that is not there, and what has to become of it. */
export type WrittenRow = {
  readonly members: readonly (readonly [key: string, token: string | null])[];
  readonly truth:
    | ({ readonly kind: 'event' } & EventTruth)
    | ({ readonly kind: 'song' } & SongTruth)
    | { readonly kind: 'not_kept' }
    | { readonly kind: 'rejected'; readonly column: string };
};

type File = {
  readonly key: string;
  readonly rows: readonly WrittenRow[];
  /** A value of the rows that the warehouse refuses; `null`: it refuses none. */
  readonly refusal: string | null;
};

/** Writes a file of these rows, in one of the many ways in which JSON objects are written, with what has to become of it. */
export function writtenFile(d: Dice, { key, refusal, rows }: File): Upload {
  const packing = somePacking(d, key);
  const isWhole = packing !== 'cut' && packing !== 'corrupt';
  if (isWhole && d.chance(0.04)) return { ...d.pick(WITHOUT_OBJECTS), packing };
  const file = new WrittenText(d);
  for (const row of rows) {
    if (d.chance(0.04)) file.malformed();
    file.object(row);
  }
  if (d.chance(0.04)) file.malformed();
  const isKept = rows.some(({ truth }) => truth.kind === 'event' || truth.kind === 'song');
  const text = file.end();
  if (!isWhole) return { text, packing, truth: { kind: 'quarantined', code: 'gzip_invalid' } };
  if (file.objects === 0 && file.rows.length > 0) return { text, packing, truth: NOT_JSON_OBJECTS };
  if (isKept && refusal !== null) {
    return { text, packing, truth: { kind: 'quarantined', code: 'refused_by_warehouse' } };
  }
  return { text, packing, truth: { kind: 'rows', rows: file.rows } };
}

/** Names mostly say how a file is packed. */
function somePacking(d: Dice, key: string): Packing {
  const isArchive = key.endsWith('.gz') ? d.chance(0.9) : d.chance(0.1);
  return isArchive
    ? d.pick(['gzip', 'gzip', 'gzip', 'gzip', 'members', 'members', 'members', 'cut', 'corrupt'])
    : 'plain';
}

const NOT_JSON_OBJECTS: FileTruth = { kind: 'quarantined', code: 'not_json_objects' };

/** All of them are quarantined. */
const WITHOUT_OBJECTS = [
  '[{"song_id":"SO0","artist_id":"AR0","page":"Home"}]',
  ' [\n {"song_id":"SO0","artist_id":"AR0"},\n {"song_id":"SO1","artist_id":"AR0"}\n]\n',
  '[]',
  '<!doctype html>\n<title>404</title>\n',
  'ts,page,userId\n1542326398796,NextSong,1\n',
  '"{}"',
  '12 13\n',
  `${NOT_UTF_8}\u0000{\u0000}`,
  'PAR1{"song_id":"SO0"}',
  '{"song_id":"SO0","title":',
  '{"page":"Home",}\n{"page":"Home",}\n',
].map((text) => ({ text, truth: NOT_JSON_OBJECTS }));

/** Each ends with its line; what follows on the next line is another piece. */
const MALFORMED = [
  ...['not JSON at all', 'not JSON\nin two lines', '}', '[1,2]', 'null', '"{"', '12,', 'déjà', NOT_UTF_8],
  ...['{"page":"Home",}', "{'page':'Home'}", '{"page":tru}', '{"ts":01}', '{"page" "Home"}', '{page:"Home"}'],
  ...['{"song":"a\u0001b"}', '{"song":"\\x"}', '{"song":"\\u12"}', '{"a":[1,2}', '{"a":{"b":1]}'],
  // Cut off within a text, and behind a comma.
  ...['{"page":"NextSong","song":"Tit', '{"page":"NextSong",'],
  '{\n  "page": "NextSong",\n  "ts": oops,\n  "userId": "1"\n}',
  `{"a":${'['.repeat(600)}`,
];

/** Behind them nothing can be told from what was cut off. */
const CUT_OFF = ['{"page":', '{"page":"NextSong","ts"', '{"page":"NextSong","ts":15', '{"page":{"a":"b"'];

/** Between two objects; behind a malformed stretch reading goes on with a line. */
const BETWEEN = ['\n', '\n', '\n', '\n', '\r\n', '\n\n  ', ' ', '', '\t'];
const LINE_ENDS = ['\n', '\n', '\r\n', '\n \n\t'];

/** Grows from its first row to its last; counts lines as it writes them. */
class WrittenText {
  readonly rows: RowTruth[] = [];
  objects = 0;
  readonly #dice: Dice;
  readonly #isPretty: boolean;
  #text: string;
  #line = 1;
  #isAfterMalformed = false;
  #isBegun = false;

  constructor(d: Dice) {
    this.#dice = d;
    this.#text = d.chance(0.05) ? '\ufeff' : '';
    this.#isPretty = d.chance(0.1);
  }

  object({ members, truth }: WrittenRow): void {
    this.#separate();
    const text = writtenObject(this.#dice, members, this.#isPretty);
    const line = this.#line;
    this.rows.push(truth.kind === 'rejected' ? { ...truth, line, text } : { ...truth, line });
    this.objects += 1;
    this.#write(text);
  }

  malformed(): void {
    // A stretch ends where a line begins an object: two that do not look like one would be one.
    const choices = this.#isAfterMalformed ? MALFORMED.filter((text) => text.startsWith('{')) : MALFORMED;
    this.#stretch(this.#dice.pick(choices));
  }

  end(): string {
    const d = this.#dice;
    if (this.#isBegun && d.chance(0.02)) this.#stretch(d.pick(CUT_OFF));
    else if (d.chance(0.9)) this.#write(d.pick(LINE_ENDS));
    return this.#text;
  }

  #stretch(text: string): void {
    this.#separate();
    this.rows.push({ kind: 'rejected', column: 'json', line: this.#line, text });
    this.#write(text);
    this.#isAfterMalformed = true;
  }

  #separate(): void {
    const d = this.#dice;
    if (this.#isBegun) this.#write(d.pick(this.#isAfterMalformed ? LINE_ENDS : BETWEEN));
    else if (d.chance(0.05)) this.#write('\n  ');
    this.#isBegun = true;
    this.#isAfterMalformed = false;
  }

  #write(text: string): void {
    this.#text += text;
    this.#line += text.split('\n').length - 1;
  }
}

/** What other programs put beside the keys that are read. */
const UNREAD = ['"nul \\u0000"', '"half \\ude00"', `"byte ${NOT_UTF_8}"`, '{"ts":[1,{"a":"}"}]}', '1e400', '"\\"}{"'];
const LONG = `"${'x'.repeat(70_000)}"`;

function writtenObject(d: Dice, members: WrittenRow['members'], isPretty: boolean): string {
  const present = members.flatMap(([key, token]) => (token === null ? [] : writtenMember(d, key, token)));
  if (d.chance(0.1)) present.push(['""', d.chance(0.1) ? LONG : d.pick(UNREAD)]);
  if (isPretty) return `{\n${present.map(([key, token]) => `  ${key}: ${token}`).join(',\n')}\n}`;
  if (d.chance(0.1)) return `{ ${present.map(([key, token]) => `${key} :\t${token}`).join(' , ')} }`;
  return `{${present.map(([key, token]) => `${key}:${token}`).join(',')}}`;
}

/** The key as it is, or in other letters when no key stands there as it is; of several the last one counts. */
function writtenMember(d: Dice, key: string, token: string): (readonly [key: string, token: string])[] {
  const [name, shouted] = [JSON.stringify(key), JSON.stringify(key.toUpperCase())];
  const roll = d.next();
  if (roll < 0.97) return [[name, token]];
  if (roll < 0.975) return [[shouted, token]];
  if (roll < 0.98) return [[`"\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}"`, token]];
  if (roll < 0.99)
    return d
      .pick([
        [
          [name, token],
          [shouted, '"other"'],
        ],
        [
          [shouted, '"other"'],
          [name, token],
        ],
      ] as const)
      .slice();
  return [
    [name, '"earlier"'],
    [name, token],
  ];
}
