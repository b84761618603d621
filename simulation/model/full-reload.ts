import type { EventTruth, RowTruth, SongTruth } from '../uploads.ts';
import type { Artist, Play, STAR_TABLES, Song, Tables, Time, User } from './tables.ts';
import { matchKey, md5, playHash, playId, timeRow, userHash } from './values.ts';

/** What a full reload is made from: what every log version that counts means, and the song objects with their age. */
export type Reloaded = {
  readonly logs: readonly (readonly RowTruth[])[];
  readonly songs: readonly {
    readonly key: string;
    readonly rows: readonly RowTruth[];
    readonly lastModifiedMs: number;
  }[];
};

/** The five tables as sorted lines, one per row. */
export type Star = Readonly<Record<(typeof STAR_TABLES)[number], readonly string[]>>;

/** The five tables of the model, in the same form. */
export function starOf(tables: Tables): Star {
  return {
    songplays: lines(tables.songplays.values(), playLine),
    users: lines(tables.users.values(), userLine),
    songs: lines(tables.songs.values(), songLine),
    artists: lines(tables.artists.values(), artistLine),
    time: lines(tables.time.values(), timeLine),
  };
}

/**
 * The five tables as a function of what is there, in one go and without a memory of order: sort everything so that the
 * winner comes last, and let later rows replace earlier ones. Written apart from the incremental steps on purpose.
 */
export function fullReload({ logs, songs: objects }: Reloaded): Star {
  const events = logs.flat().filter((row) => row.kind === 'event');
  const songRows = objects.flatMap(songsOf).toSorted(bySongAge);
  const songs = new Map(songRows.map((row) => [row.songId, row]));
  const artists = new Map(
    [...songs.values()]
      .toSorted((a, b) => a.lastModifiedMs - b.lastModifiedMs || (a.songId < b.songId ? -1 : 1))
      .map((row) => [row.artistId, row]),
  );
  const plays = new Map(
    events
      .filter(({ isPlay }) => isPlay)
      .toSorted((a, b) => (playHash(a) < playHash(b) ? -1 : 1))
      .map((event) => [playId(event.sessionId, event.item, event.userId, event.startMs), event]),
  );
  const users = new Map(events.toSorted(byUserAge).map((event) => [event.userId, event]));
  const byId = [...songs.values()].toSorted((a, b) => (a.songId < b.songId ? -1 : 1));
  return {
    songplays: lines(plays, ([id, event]) => {
      const song = byId.find(
        ({ artistName, duration, title }) =>
          title !== null &&
          artistName !== null &&
          duration !== null &&
          title === event.title &&
          artistName === event.artistName &&
          duration === event.length,
      );
      return playLine({
        ...event,
        id,
        songId: song?.songId ?? null,
        artistId: song?.artistId ?? null,
        matchKey: matchKey(event.title, event.artistName, event.length),
      });
    }),
    users: lines(users.values(), (event) =>
      userLine({ ...event, lastMs: event.startMs, lastSession: event.sessionId, lastItem: event.item }),
    ),
    songs: lines(songs.values(), songLine),
    artists: lines(artists.values(), ({ artistId, artistName, latitude, location, longitude }) =>
      artistLine({ artistId, name: artistName, location, latitude, longitude }),
    ),
    time: lines(new Set([...plays.values()].map(({ startMs }) => startMs)), (startMs) => timeLine(timeRow(startMs))),
  };
}

function lines<T>(rows: Iterable<T>, lineOf: (row: T) => string): readonly string[] {
  return [...rows].map(lineOf).toSorted();
}

const playLine = (row: Play): string =>
  JSON.stringify([
    row.id,
    row.startMs,
    row.userId,
    row.level,
    row.songId,
    row.artistId,
    row.sessionId,
    row.location,
    row.userAgent,
    row.item,
    row.title,
    row.artistName,
    row.length,
  ]);

const userLine = (row: User): string =>
  JSON.stringify([
    row.userId,
    row.firstName,
    row.lastName,
    row.gender,
    row.level,
    row.lastMs,
    row.lastSession,
    row.lastItem,
  ]);

const songLine = (row: Pick<Song, 'songId' | 'title' | 'artistId' | 'year' | 'duration'>): string =>
  JSON.stringify([row.songId, row.title, row.artistId, row.year, row.duration]);

const artistLine = (row: Artist): string =>
  JSON.stringify([row.artistId, row.name, row.location, row.latitude, row.longitude]);

const timeLine = (row: Time): string =>
  JSON.stringify([row.startMs, row.hour, row.day, row.week, row.month, row.year, row.weekday]);

function byUserAge(a: EventTruth, b: EventTruth): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  if (a.sessionId !== b.sessionId) return BigInt(a.sessionId) < BigInt(b.sessionId) ? -1 : 1;
  return a.item - b.item || (userHash(a) < userHash(b) ? -1 : 1);
}

type SongRow = SongTruth & { readonly key: string; readonly row: number; readonly lastModifiedMs: number };

function songsOf({ key, lastModifiedMs, rows }: Reloaded['songs'][number]): readonly SongRow[] {
  return rows.flatMap((row, index) => (row.kind === 'song' ? [{ ...row, key, lastModifiedMs, row: index + 1 }] : []));
}

function bySongAge(a: SongRow, b: SongRow): number {
  if (a.lastModifiedMs !== b.lastModifiedMs) return a.lastModifiedMs - b.lastModifiedMs;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.row - b.row;
}

/** A fingerprint of the tables, for comparing runs. */
export function fingerprint(star: Star): string {
  return md5(JSON.stringify(star));
}
