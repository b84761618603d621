import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Lane } from '../src/core/dataset.ts';
import type { FileEvent } from '../src/core/file-event.ts';
import type { Batch } from '../src/core/load.ts';
import type { ObjectStore } from '../src/core/ports.ts';
import { logLine } from '../test/support/log-lines.ts';
import {
  HISTORY_END_MS,
  LATE_SONGS,
  PLAY_EVERY_MS,
  SONGS_AT_LEAST,
  USERS_AT_LEAST,
  artistId,
  historyKey,
  songId,
  songKey,
} from './flat-history.ts';

/** What is loaded on top of each history. */
export const CASES = ['events', 'songs', 'late song', 'overwritten', 'retracted'] as const;
export type Case = (typeof CASES)[number];

/** Files of a batch, already in the bucket. The same ones are loaded on top of every history. */
export type BatchFiles = {
  readonly lane: Lane;
  readonly source: Batch['source'];
  readonly decision?: Batch['decision'];
  readonly files: readonly FileEvent[];
  /** Are loaded before, and not measured: what is taken back has to be there. */
  readonly before: readonly FileEvent[];
};

const EVENTS = 1_000;
const EVENTS_PER_FILE = 50;
const UPLOADS_IN_FLIGHT = 16;

/** Puts the files of a round's batch. Rounds differ in their values only. */
export async function putBatch(
  store: ObjectStore,
  input: { bucket: string; which: Case; round: number },
): Promise<BatchFiles> {
  const { bucket, round, which } = input;
  const objects = objectsOf(which, round);
  const limit = pLimit(UPLOADS_IN_FLIGHT);
  const files = objects.map((object, index) =>
    limit(async (): Promise<FileEvent> => {
      await store.put({ bucket, ...object, contentType: 'application/json', signal: new AbortController().signal });
      return {
        change: 'put',
        bucket,
        key: object.key,
        etag: createHash('md5').update(object.body).digest('hex'),
        versionId: null,
        sequencer: (1_000_000 * round + index).toString(16).toUpperCase().padStart(16, '0'),
        size: Buffer.byteLength(object.body),
        // As notifications of the last hour of history, so that the ledger's range has other files in it.
        eventTimeMs: HISTORY_END_MS - index * 1_000 - round,
      };
    }),
  );
  const put = await Promise.all(files);
  const lane = which === 'songs' || which === 'late song' ? 'songs' : 'logs';
  if (which !== 'retracted') return { lane, source: 'live', files: put, before: [] };
  const gone = put.map((file) => ({ ...file, change: 'delete' as const, etag: '', sequencer: null, size: 0 }));
  const decision = { action: 'retract', operator: 'bench', why: null, planned: '' } as const;
  return { lane, source: 'operator', decision, files: gone, before: put };
}

function objectsOf(which: Case, round: number): readonly NewObject[] {
  if (which === 'songs') return songFiles(round);
  if (which === 'late song') return [lateSong(round)];
  const files = logFiles(round);
  // The last logs of history, with other plays of the same hours.
  return which === 'overwritten' ? files.map(({ body }, index) => ({ key: historyKey(index), body })) : files;
}

type NewObject = { readonly key: string; readonly body: string };

/** 1,000 new plays between those of history's last 2.4 hours, by known users; two of five match a song. */
function logFiles(round: number): readonly NewObject[] {
  return Array.from({ length: EVENTS / EVENTS_PER_FILE }, (_, file) => {
    const lines = Array.from({ length: EVENTS_PER_FILE }, (_line, place) => {
      const event = file * EVENTS_PER_FILE + place;
      const song = 1 + ((event * 7) % SONGS_AT_LEAST);
      return logLine({
        sessionId: 9_000_000 + round * 1_000 + Math.floor(event / 20),
        itemInSession: event % 20,
        userId: String(1 + (event % USERS_AT_LEAST)),
        ts: HISTORY_END_MS - (EVENTS - event) * PLAY_EVERY_MS + 100 + round,
        song: event % 5 < 2 ? `Song ${song}` : `Unheard ${song}`,
        artist: `Artist ${Math.floor((song - 1) / 3)}`,
        length: 120.5 + (song % 300),
      });
    });
    return { key: `flat/log_data/round-${round}-${file}.json`, body: lines.join('') };
  });
}

/** 500 new versions of known songs and 500 new songs, half of them by known artists. */
function songFiles(round: number): readonly NewObject[] {
  const known = Array.from({ length: SONGS_AT_LEAST }, (_, index) => {
    const song = index + 1;
    const artist = Math.floor((song - 1) / 3);
    return {
      key: songKey(song),
      body: songBody({ song, title: `Song ${song}`, artist, length: 120.5 + (song % 300), year: 1900 + round }),
    };
  });
  const fresh = Array.from({ length: SONGS_AT_LEAST }, (_, index) => {
    const song = 900_000_000 + round * 1_000 + index;
    const artist = index % 2 === 0 ? index % 150 : song;
    return { key: songKey(song), body: songBody({ song, title: `Fresh ${song}`, artist, length: 200, year: 2018 }) };
  });
  return [...known, ...fresh];
}

/** The song that twenty plays, spread over all of history, wait for. @throws Error when no play waits for one of this round. */
function lateSong(round: number): NewObject {
  if (round >= LATE_SONGS) throw new Error(`History waits for ${LATE_SONGS} late songs, and this is round ${round}.`);
  const song = 800_000_000 + round;
  return {
    key: songKey(song),
    body: songBody({ song, title: `Late ${round}`, artist: 'late', length: 120.5, year: 2018 }),
  };
}

function songBody(song: {
  song: number;
  title: string;
  artist: number | 'late';
  length: number;
  year: number;
}): string {
  return JSON.stringify({
    num_songs: 1,
    artist_id: song.artist === 'late' ? 'ARLATE' : artistId(song.artist),
    artist_latitude: 40.5,
    artist_longitude: -70.25,
    artist_location: 'Somewhere',
    artist_name: song.artist === 'late' ? 'Late artist' : `Artist ${song.artist}`,
    song_id: songId(song.song),
    title: song.title,
    duration: song.length,
    year: song.year,
  });
}
