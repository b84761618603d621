import { dice } from './dice.ts';
import { ARTIST_FIRST, ARTIST_PLACES, ARTIST_SECOND, TITLE_FIRST, TITLE_SECOND, TITLE_TAIL } from './vocabulary.ts';
import type { Dice } from './dice.ts';

/** A song object as the Million Song Dataset writes it, in that order of keys. */
export type SongObject = {
  readonly num_songs: 1;
  readonly artist_id: string;
  readonly artist_latitude: number | null;
  readonly artist_longitude: number | null;
  readonly artist_location: string;
  readonly artist_name: string;
  readonly song_id: string;
  readonly title: string;
  /** Seconds, five decimals. */
  readonly duration: number;
  /** 0 where the catalogue does not know it. */
  readonly year: number;
};

/** What a play names of a song: all that a play and a song have in common. */
export type Track = { readonly title: string; readonly artist: string; readonly duration: number };

/**
 * A catalogue of any size in constant memory: song `i` is a function of the seed and `i`. Artists have several songs
 * (few of them most), some songs are there twice under two ids, and an artist's songs do not always agree on where
 * the artist is from, as in the real one.
 */
export class Catalogue {
  readonly #seed: number;
  /** Number of songs with a file. Higher numbers are songs that are played and not in the catalogue. */
  readonly size: number;
  readonly #artists: number;

  constructor(input: { seed: number; songs: number }) {
    this.#seed = input.seed;
    this.size = input.songs;
    this.#artists = Math.max(1, Math.ceil(input.songs / 2.5));
  }

  song(index: number): SongObject {
    const own = dice(this.#seed, 'song', index);
    const original = this.#originalOf(index, own);
    const artistIndex = this.#artistOf(original);
    const place = this.#placeOf(artistIndex, own);
    const track = this.track(index);
    return {
      num_songs: 1,
      artist_id: id('AR', artistIndex, this.#seed),
      artist_latitude: place.latitude,
      artist_longitude: place.longitude,
      artist_location: place.location,
      artist_name: track.artist,
      song_id: id('SO', index, this.#seed),
      title: track.title,
      duration: track.duration,
      year: own.chance(0.4) ? 0 : own.between(1958, 2018),
    };
  }

  /** `song_data/A/B/C/TRABC….json`: under the first letters of the track id, which is not the song id. */
  key(index: number, prefix: string): string {
    const trackId = id('TR', index, this.#seed);
    return `${prefix}${trackId.slice(2, 3)}/${trackId.slice(3, 4)}/${trackId.slice(4, 5)}/${trackId}.json`;
  }

  track(index: number): Track {
    const original = this.#originalOf(index, dice(this.#seed, 'song', index));
    const words = dice(this.#seed, 'track', original);
    const title = `${words.pick(TITLE_FIRST)} ${words.pick(TITLE_SECOND)}${words.pick(TITLE_TAIL)}`;
    return {
      title: words.chance(0.3) ? `${title} ${words.between(2, 99)}` : title,
      artist: this.#artistName(this.#artistOf(original)),
      duration: Math.round((45 + 420 * words.next() * words.next() + 60 * words.next()) * 1e5) / 1e5,
    };
  }

  /** One song in two hundred is a second entry for its neighbour: same title, artist and duration, another id. */
  #originalOf(index: number, own: Dice): number {
    return own.chance(0.005) && index > 0 ? index - 1 : index;
  }

  #artistOf(index: number): number {
    if (index < this.#artists) return index;
    // The square makes low numbers likely: a few artists have many songs.
    return Math.floor(dice(this.#seed, 'artist of', index).next() ** 2 * this.#artists);
  }

  #artistName(artistIndex: number): string {
    const own = dice(this.#seed, 'artist', artistIndex);
    const name = `${own.pick(ARTIST_FIRST)} ${own.pick(ARTIST_SECOND)}`;
    return artistIndex < 300 ? name : `${name} ${artistIndex}`;
  }

  #placeOf(artistIndex: number, song: Dice): (typeof ARTIST_PLACES)[number] {
    const usual = dice(this.#seed, 'place', artistIndex).pick(ARTIST_PLACES);
    return song.chance(0.03) ? song.pick(ARTIST_PLACES) : usual;
  }
}

const LETTERS = 26 ** 5;

/**
 * Eighteen characters as in the real catalogue. The five letters are a rearrangement of the index (the factor is
 * coprime to 26⁵), so ids are unique up to 11 million and spread evenly over the folders.
 */
function id(kind: 'TR' | 'SO' | 'AR', index: number, seed: number): string {
  const own = dice(seed, kind, index);
  let rest = ((index % LETTERS) * 7_368_787 + Math.floor(dice(seed, kind, -1).next() * LETTERS)) % LETTERS;
  let letters = '';
  for (let count = 0; count < 5; count += 1) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
    rest = Math.floor(rest / 26);
  }
  const hex = Array.from({ length: 10 }, () => own.between(0, 15).toString(16)).join('');
  return `${kind}${letters}1${hex}`.toUpperCase();
}
