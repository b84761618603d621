import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_KEYS } from '../../src/datasets/logs/fields.ts';
import { createLogJudge } from '../../src/datasets/logs/judge-event.ts';
import type { JudgedEvent } from '../../src/datasets/logs/judge-event.ts';
import { anyToken, asBytes, jsonObject, objectOf } from './json-objects.ts';

const judge = createLogJudge();
const UNSTORABLE = 'contains a NUL character, an unpaired surrogate or invalid UTF-8';
const NOT_KEPT = { kind: 'not_kept' };

const PLAY = {
  artist: 'Aurora Band',
  auth: 'Logged In',
  firstName: 'Ada',
  gender: 'F',
  itemInSession: 0,
  lastName: 'Quill',
  length: 200.5,
  level: 'free',
  location: 'Oslo',
  method: 'PUT',
  page: 'NextSong',
  registration: 1540685364796,
  sessionId: 1,
  song: 'Dawn',
  status: 200,
  ts: 1541721977796,
  userAgent: 'UA/1',
  userId: '701',
};

const judged = (changes: Readonly<Record<string, unknown>>): JudgedEvent => judge(objectOf({ ...PLAY, ...changes }));

/** The play with the tokens of some keys in another spelling. */
function judgedTokens(tokens: Readonly<Record<string, string>>): JudgedEvent {
  return judge(jsonObject(Object.entries(PLAY).map(([key, value]) => [key, tokens[key] ?? JSON.stringify(value)])));
}

function rowOf(event: JudgedEvent): Readonly<Record<string, string | null>> {
  if (event.kind !== 'event') throw new Error(`not a row: ${JSON.stringify(event)}`);
  return event.row;
}

describe('a play', () => {
  it('is a row of everything that the star keeps', () => {
    expect(judged({})).toEqual({
      kind: 'event',
      row: {
        is_play: '1',
        songplay_id: 'b3f034f2e6441510c1119448a626b966',
        start_time_ms: '1541721977796',
        user_id: '701',
        session_id: '1',
        item_in_session: '0',
        level: 'free',
        first_name: 'Ada',
        last_name: 'Quill',
        gender: 'F',
        location: 'Oslo',
        user_agent: 'UA/1',
        song_title: 'Dawn',
        artist_name: 'Aurora Band',
        song_length: '200.50000',
        match_key: '789f44b38d3c36cacafdfaae82238244',
        play_hash: 'fac8cead919f090aab13d4e0ceafd7c7',
        user_hash: 'a3550edea39b146fff03f8c35d3935a0',
      },
    });
  });

  it('is the same row in every spelling of its numbers', () => {
    const other = {
      length: '2.005E+2',
      ts: '"1541721977796"',
      sessionId: '1.0',
      itemInSession: '"0"',
      userId: '7.01e2',
    };
    expect(judgedTokens(other)).toEqual(judged({}));
    expect(judged({ page: 'NextSong  ' })).toEqual(judged({}));
  });

  it('needs neither title, artist, length nor anything else beside its identity', () => {
    const bare = judge(objectOf({ page: 'NextSong', ts: PLAY.ts, userId: -9, sessionId: '2', itemInSession: 0 }));
    expect(rowOf(bare)).toMatchObject({ is_play: '1', user_id: '-9', match_key: null, song_length: null });
    for (const column of ['songplay_id', 'play_hash', 'user_hash'])
      expect(rowOf(bare)[column]).toMatch(/^[0-9a-f]{32}$/);
    for (const key of ['length', 'song', 'artist']) expect(rowOf(judged({ [key]: null }))['match_key']).toBeNull();
    expect(rowOf(judged({ length: '', level: '' }))).toMatchObject({ song_length: null, level: '', match_key: null });
  });

  it.each([
    [{ ts: undefined }, 'ts', 'is missing'],
    [{ ts: '', userId: '' }, 'ts', 'is missing'],
    [{ ts: 1541721977.796 }, 'ts', 'is not a whole number of milliseconds since 1970'],
    [{ ts: 1541721977 }, 'ts', 'is outside the years 2000 to 2099, in milliseconds since 1970'],
    [{ userId: '' }, 'user_id', 'is missing'],
    [{ userId: '  ' }, 'user_id', 'is missing'],
    [{ userId: '39\nx' }, 'user_id', 'is not a whole number'],
    [{ sessionId: null }, 'session_id', 'is missing'],
    [{ itemInSession: 2 ** 31 }, 'item_in_session', 'is outside the range of INTEGER, -2147483648 to 2147483647'],
    [{ level: 'x'.repeat(17) }, 'level', 'is longer than 16 bytes'],
    [{ firstName: 'é'.repeat(129), song: 'x'.repeat(1025) }, 'first_name', 'is longer than 256 bytes'],
    [{ lastName: 'é'.repeat(129) }, 'last_name', 'is longer than 256 bytes'],
    [{ gender: 'é'.repeat(9) }, 'gender', 'is longer than 16 bytes'],
    [{ length: '-' }, 'song_length', 'is not a number of seconds below 100000'],
    [{ location: '😀'.repeat(129) }, 'location', 'is longer than 512 bytes'],
    [{ userAgent: 'u'.repeat(2049) }, 'user_agent', 'is longer than 2048 bytes'],
    [{ song: 'x'.repeat(1025) }, 'song_title', 'is longer than 1024 bytes'],
    [{ artist: 'x'.repeat(1025) }, 'artist_name', 'is longer than 1024 bytes'],
    [{ location: 'a\0' }, 'location', UNSTORABLE],
    [{ page: 'NextSong\ud800' }, 'page', UNSTORABLE],
  ])('%j is rejected: %s %s', (changes, column, reason) => {
    expect(judged(changes)).toEqual({ kind: 'rejected', column, reason });
  });

  it('is not asked for keys that no column keeps', () => {
    const odd = { auth: 'x'.repeat(70_000), method: '\0', status: '\ud800', registration: [], more: '\udfff' };
    expect(judged(odd)).toEqual(judged({}));
    expect(judgedTokens({ auth: '"\xff"' })).toEqual(judged({}));
  });
});

describe('an event of another page', () => {
  const FOR_PLAYS_ONLY = [
    'songplay_id',
    'location',
    'user_agent',
    'song_title',
    'artist_name',
    'song_length',
    'match_key',
    'play_hash',
  ];

  it('is a row of its user, however odd the values that only plays are asked for', () => {
    const odd = { length: '-', userAgent: 'u'.repeat(3000), song: '\0', artist: '\ud800', location: 'x'.repeat(600) };
    for (const page of ['Home', 'Upgrade', 'nextsong']) {
      const row = rowOf(judged({ page, ...odd }));
      for (const column of FOR_PLAYS_ONLY) expect(row[column]).toBeNull();
      expect(row).toMatchObject({ is_play: '0', user_id: '701', first_name: 'Ada', level: 'free' });
      expect(row['user_hash']).toBe(rowOf(judged({}))['user_hash']);
    }
    expect(judged({ page: 'Home', level: 'x'.repeat(17) })).toMatchObject({ kind: 'rejected', column: 'level' });
    expect(judged({ page: 'Home', sessionId: 'x' })).toMatchObject({ kind: 'rejected', column: 'session_id' });
    expect(judged({ page: 'Home', userId: '\0' })).toEqual({ kind: 'rejected', column: 'user_id', reason: UNSTORABLE });
  });

  it('that names no user is not kept, whatever else it holds', () => {
    for (const userId of [undefined, null, '', '   ']) {
      expect(judged({ page: 'Home', userId, ts: 'x', level: 'x'.repeat(99) })).toEqual(NOT_KEPT);
    }
  });

  it('without a page it is rejected, user or not', () => {
    for (const page of [undefined, null, '', '  ']) {
      expect(judged({ page, userId: '' })).toEqual({ kind: 'rejected', column: 'page', reason: 'is missing' });
    }
  });
});

describe('keys', () => {
  const members = Object.entries(PLAY).map(([key, value]) => [key, JSON.stringify(value)] as const);
  const others = members.map(([key, token]) => [key, token === '"Oslo"' ? '"Rome"' : '"x"'] as const);
  const inAnyCase = fc.constantFrom(
    (key: string) => key.toUpperCase(),
    (key: string) => key.slice(0, 1).toUpperCase() + key.slice(1),
  );

  it('come in any order and any case; the exact spelling wins over others, and the last over earlier ones', () => {
    const expected = judged({});
    const shuffled = fc.shuffledSubarray(members, { minLength: members.length });
    const wrong = fc.shuffledSubarray(others);
    fc.assert(
      fc.property(shuffled, wrong, inAnyCase, inAnyCase, (all, before, change, changeToo) => {
        const changed =
          (by: typeof change) =>
          ([key, token]: readonly [string, string]) =>
            [by(key), token] as const;
        expect(judge(jsonObject([...before, ...all]))).toEqual(expected);
        expect(judge(jsonObject([...all, ...before.map(changed(change))]))).toEqual(expected);
        const inCase = all.map(changed(change));
        expect(judge(jsonObject([...before.map(changed(changeToo)), ...inCase]))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('are looked up under the names of a JSONPaths file', () => {
    const keyNames = Object.fromEntries(LOG_KEYS.map((key) => [key, `my ${key}`])) as Record<
      (typeof LOG_KEYS)[number],
      string
    >;
    const renamed = Object.fromEntries(Object.entries(PLAY).map(([key, value]) => [`my ${key}`, value]));
    const judgeRenamed = createLogJudge(keyNames);
    expect(judgeRenamed(objectOf({ ...renamed, page: 'Home' }))).toEqual(judged({}));
    expect(judgeRenamed(objectOf(PLAY))).toMatchObject({ kind: 'rejected', column: 'page' });
  });
});

it('an event of any keys and values is judged, and a row fits its columns', () => {
  const limits = { level: 16, gender: 16, first_name: 256, last_name: 256, location: 512, user_agent: 2048 };
  const key = fc.oneof(fc.constantFrom(...LOG_KEYS, 'PAGE', 'userid', '__proto__', 'constructor'), fc.string());
  const longText = fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), fc.nat(800));
  const token = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('"NextSong"', '"Home"', '"1541721977796"', '7') },
    longText.map(([text, count]) => JSON.stringify(text.repeat(count))),
    anyToken,
  );
  const start = Object.entries(PLAY).map(([name, value]): [string, string] => [name, JSON.stringify(value)]);
  const more = fc.array(fc.tuple(key, token), { maxLength: 20 });
  fc.assert(
    fc.property(more, fc.boolean(), (members, isWhole) => {
      const event = judge(jsonObject([...(isWhole ? start : []), ...members]));
      if (event.kind === 'rejected') expect(`${event.column} ${event.reason}`).toMatch(/^[a-z_]+ (is|contains) .+$/);
      if (event.kind !== 'event') return;
      for (const [column, bytes] of Object.entries(limits)) {
        expect(Buffer.byteLength(rowOf(event)[column] ?? '')).toBeLessThanOrEqual(bytes);
      }
      expect(event.row.start_time_ms).toMatch(/^\d{12,13}$/);
    }),
    { numRuns: 500 },
  );
});

it('a text fits its column exactly when its UTF-8 has at most as many bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      fc.pre(!text.includes('\0'));
      const bytes = asBytes(text).length;
      const event = judged({ gender: text });
      if (bytes <= 16) expect(rowOf(event)['gender']).toBe(text);
      else expect(event).toEqual({ kind: 'rejected', column: 'gender', reason: 'is longer than 16 bytes' });
    }),
    { numRuns: 500 },
  );
});
