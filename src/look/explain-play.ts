import { sqlForeignText, sqlInteger, sqlText } from '../core/sql/sql-literal.ts';
import type { Looking } from './ask.ts';
import { ask, numberOf, numberOrNull, textOf, textOrNull, timeOrNull } from './ask.ts';
import { repairedUtf8 } from './doubled-utf8.ts';
import { batchOf } from './files.ts';
import type { BatchEntry } from './ledger-rows.ts';

/** Where a row comes from; `null`: an older version of sparkify loaded it. */
export type Witness = { readonly bucket: string; readonly key: string; readonly lineNumber: number };

/** What a play and a song are compared by. */
export type Heard = {
  readonly title: string | null;
  readonly artist: string | null;
  /** Seconds. */
  readonly length: number | null;
};

type Candidate = Heard & { readonly songId: string; readonly differences: readonly string[] };

export type PlayExplained = {
  readonly songplayId: string;
  readonly startTime: string | null;
  /** The digits of a BIGINT, as `sessionId`. */
  readonly userId: string;
  readonly sessionId: string;
  readonly itemInSession: number;
  readonly heard: Heard;
  readonly songId: string | null;
  readonly witness: Witness | null;
  readonly batch: BatchEntry | null;
  /** Other objects with the same play. */
  readonly rivals: readonly Witness[];
  /** Of a play without a song: the nearest songs, and what differs. */
  readonly candidates: readonly Candidate[];
  /** Of a play without a song: why, as a sentence. */
  readonly whyNoSong: string | null;
};

const MOST = 10;

/** @param songplayId 32 hexadecimal digits. @returns `null` when the star has no such play. @throws IngestError */
export async function explainPlay(looking: Looking, songplayId: string): Promise<PlayExplained | null> {
  const id = { songplay_id: sqlText(songplayId) };
  const found = await ask(looking, {
    plays: { file: '70_play.sql', values: id },
    rivals: { file: '72_rivals.sql', values: { ...id, most: sqlInteger(MOST) } },
  });
  const [play] = found.plays;
  if (play === undefined) return null;
  const heard = {
    title: textOrNull(play, 'song_title'),
    artist: textOrNull(play, 'artist_name'),
    length: numberOrNull(play, 'song_length'),
  };
  const songId = textOrNull(play, 'song_id');
  const candidates = songId === null ? await nearestSongs(looking, heard) : [];
  const key = textOrNull(play, 'object_key');
  const bucket = textOf(play, 'bucket');
  return {
    songplayId,
    startTime: timeOrNull(play, 'start_time'),
    userId: textOf(play, 'user_id'),
    sessionId: textOf(play, 'session_id'),
    itemInSession: numberOf(play, 'item_in_session'),
    heard,
    songId,
    witness: key === null ? null : { bucket, key, lineNumber: numberOf(play, 'line_number') },
    batch: await batchOf(looking, textOf(play, 'batch_id')),
    rivals: found.rivals.map((row) => ({
      bucket: textOf(row, 'bucket'),
      key: textOf(row, 'object_key'),
      lineNumber: numberOf(row, 'line_number'),
    })),
    candidates,
    whyNoSong: songId === null ? whyNoSong(heard, candidates) : null,
  };
}

async function nearestSongs(looking: Looking, heard: Heard): Promise<readonly Candidate[]> {
  const { artist, length, title } = heard;
  const values = {
    title: sqlForeignText(title ?? ''),
    artist: sqlForeignText(artist ?? ''),
    repaired_title: sqlForeignText(repairedUtf8(title ?? '') ?? title ?? ''),
    repaired_artist: sqlForeignText(repairedUtf8(artist ?? '') ?? artist ?? ''),
    length_ms: sqlInteger(Math.round((length ?? 0) * 1000)),
    most: sqlInteger(MOST),
  };
  const { songs } = await ask(looking, { songs: { file: '74_candidates.sql', values } });
  return songs.map((row) => {
    const song = {
      title: textOrNull(row, 'title'),
      artist: textOrNull(row, 'artist_name'),
      length: numberOrNull(row, 'duration'),
    };
    return { songId: textOf(row, 'song_id'), ...song, differences: differencesOf(heard, song) };
  });
}

/** What keeps a song from being the song of a play: title, artist name and duration have to be equal. */
export function differencesOf(heard: Heard, song: Heard): readonly string[] {
  const texts = (['title', 'artist'] as const).flatMap((what) => {
    const how = textDifference(heard[what], song[what]);
    return how === null ? [] : [`${what}: ${how}`];
  });
  if (heard.length === song.length) return texts;
  if (heard.length === null || song.length === null) return [...texts, 'duration: missing'];
  const seconds = Math.abs(heard.length - song.length);
  return [...texts, `duration: differs by ${seconds.toFixed(seconds < 1 ? 5 : 2)} s`];
}

function textDifference(heard: string | null, song: string | null): string | null {
  if (heard === song) return null;
  if (heard === null || song === null) return 'missing';
  const plain = (text: string) => text.trim().toLowerCase();
  if (heard.trim() === song.trim()) return 'differs in blanks at the ends';
  if (plain(heard) === plain(song)) return 'differs in upper case';
  const repaired = (text: string) => plain(repairedUtf8(text) ?? text);
  return repaired(heard) === repaired(song) ? 'is damaged: UTF-8 was encoded twice' : 'is another one';
}

function whyNoSong(heard: Heard, candidates: readonly Candidate[]): string {
  const lacking = (['title', 'artist', 'length'] as const).filter((what) => heard[what] === null);
  if (lacking.length > 0) return `the event has no ${lacking.join(' and no ')}, so no song can match`;
  const [nearest] = candidates;
  if (nearest === undefined) return 'no song has this title or this artist name';
  const isOther = (what: string) => nearest.differences.includes(`${what}: is another one`);
  if (isOther('title')) return 'the songs have this artist name, and none of them this title';
  if (isOther('artist')) return 'the songs have this title, and none of them this artist name';
  return `the nearest song, ${nearest.songId}, does not match: ${nearest.differences.join('; ')}`;
}
