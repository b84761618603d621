import fc from 'fast-check';
import { expect, it } from 'vitest';
import { judgeSong } from '../../src/datasets/songs/judge-song.ts';
import type { JudgedSong } from '../../src/datasets/songs/judge-song.ts';
import { anyToken, jsonObject, objectOf } from './json-objects.ts';

const SONG = {
  num_songs: 1,
  artist_id: 'AR1',
  artist_latitude: 51.4779,
  artist_longitude: -0.5,
  artist_location: 'Greenwich',
  artist_name: 'Aurora Band',
  song_id: 'SO1',
  title: 'Dawn',
  duration: 200.5,
  year: 2004,
};

const judged = (changes: Readonly<Record<string, unknown>>): JudgedSong => judgeSong(objectOf({ ...SONG, ...changes }));

it('a song is a row of what the star keeps', () => {
  expect(judged({})).toEqual({
    kind: 'song',
    row: {
      song_id: 'SO1',
      title: 'Dawn',
      artist_id: 'AR1',
      artist_name: 'Aurora Band',
      artist_location: 'Greenwich',
      artist_latitude: '51.4779',
      artist_longitude: '-0.5',
      year: '2004',
      duration: '200.50000',
      match_key: '789f44b38d3c36cacafdfaae82238244',
    },
  });
});

it('a song whose values all came as text is the same row, and empty numbers are not numbers', () => {
  const texts = Object.fromEntries(Object.entries(SONG).map(([key, value]) => [key.toUpperCase(), String(value)]));
  expect(judgeSong(objectOf(texts))).toEqual(judged({}));
  const empty = { artist_latitude: '', artist_longitude: '', artist_location: '', year: ' ', duration: '' };
  expect(judged(empty)).toMatchObject({
    row: {
      artist_latitude: null,
      artist_longitude: null,
      artist_location: '',
      year: null,
      duration: null,
      match_key: null,
    },
  });
});

it('numbers with an exponent are numbers', () => {
  const song = objectOf({ song_id: 'SO1', artist_id: 'AR1' });
  const keys = [...song.keys, 'artist_latitude', 'artist_longitude', 'duration', 'year'];
  const tokens = [...song.tokens, '6.0E-4', '-1e-05', '2.1893179E2', '2.004e3'];
  expect(judgeSong({ ...song, keys, tokens })).toMatchObject({
    row: { artist_latitude: '0.0006', artist_longitude: '-0.00001', duration: '218.93179', year: '2004' },
  });
});

it('ids lose their trailing blanks, titles keep them', () => {
  const ids = { song_id: 'SO1  ', artist_id: 'AR1 ' };
  expect(judged(ids)).toEqual(judged({}));
  expect(judged({ song_id: ' SO1', title: 'Dawn ' })).toMatchObject({ row: { song_id: ' SO1', title: 'Dawn ' } });
  expect(judged({ song_id: 'x'.repeat(64) + '   ' })).toMatchObject({ kind: 'song' });
});

it.each([
  [{ song_id: undefined }, 'song_id', 'is missing'],
  [{ song_id: '  ', artist_id: null }, 'song_id', 'is missing'],
  [{ artist_id: '' }, 'artist_id', 'is missing'],
  [{ song_id: 'é'.repeat(33) }, 'song_id', 'is longer than 64 bytes'],
  [{ artist_id: 'x'.repeat(65) }, 'artist_id', 'is longer than 64 bytes'],
  [{ title: 'x'.repeat(1025) }, 'title', 'is longer than 1024 bytes'],
  [{ artist_name: 'x'.repeat(1025) }, 'artist_name', 'is longer than 1024 bytes'],
  [{ artist_location: 'z'.repeat(70_000) }, 'artist_location', 'is longer than 1024 bytes'],
  [{ duration: '3:20' }, 'duration', 'is not a number of seconds below 100000'],
  [{ year: 2004.5 }, 'year', 'is not a year from 0 to 9999'],
  [{ year: -1 }, 'year', 'is not a year from 0 to 9999'],
  [{ year: 10_000 }, 'year', 'is not a year from 0 to 9999'],
  [{ artist_latitude: 1000 }, 'artist_latitude', 'is not a number of degrees'],
  [{ artist_longitude: 'W' }, 'artist_longitude', 'is not a number of degrees'],
  [{ title: '\0' }, 'title', 'contains a NUL character, an unpaired surrogate or invalid UTF-8'],
])('%j is rejected: %s %s', (changes, column, reason) => {
  expect(judged(changes)).toEqual({ kind: 'rejected', column, reason });
});

it('an object of any keys and values is judged', () => {
  const key = fc.oneof(fc.constantFrom(...Object.keys(SONG), 'SONG_ID', '__proto__'), fc.string());
  fc.assert(
    fc.property(fc.array(fc.tuple(key, anyToken), { maxLength: 15 }), fc.boolean(), (members, isWhole) => {
      const start = isWhole ? objectOf(SONG) : jsonObject([]);
      const more = jsonObject(members);
      const object = { ...start, keys: [...start.keys, ...more.keys], tokens: [...start.tokens, ...more.tokens] };
      expect(['song', 'rejected']).toContain(judgeSong(object).kind);
    }),
    { numRuns: 300 },
  );
});
