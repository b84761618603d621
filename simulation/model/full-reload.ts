import type { EventTruth, RowTruth, SongTruth } from '../uploads.ts';
import type { Artist, Play, STAR_TABLES, Song, Tables, Time, User } from './tables.ts';
import { md5, playId, timeRow } from './values.ts';

/** A version of an object that a full reload reads, with what it means. */
export type ReloadedObject = {
  readonly key: string;
  readonly lastModifiedMs: number;
  readonly rows: readonly RowTruth[];
};

/** What a full reload is made from: of each object the version that counts. */
export type Reloaded = {
  readonly logs: readonly ReloadedObject[];
  readonly songs: readonly ReloadedObject[];
  /** Plays and users that name no object: they give way to those of all logs. */
  readonly old: { readonly plays: readonly EventTruth[]; readonly users: readonly EventTruth[] };
};

/** The five tables as sorted lines, one per row. */
export type Star = Readonly<Record<(typeof STAR_TABLES)[number], readonly string[]>>;

/** The five tables of the model, in the same form. */
export function starOf(tables: Tables): Star {
  return {
    songplays: lines(tables.songplays.values(), playValues),
    users: lines(tables.users.values(), userValues),
    songs: lines(tables.songs.values(), songValues),
    artists: lines(tables.artists.values(), artistValues),
    time: lines(tables.time.values(), timeValues),
  };
}

/**
 * The five tables as a function of what is there, in one go and without a memory of order: sort everything so that the
 * winner comes last, and let later rows replace earlier ones. Written apart from the incremental steps on purpose.
 */
export function fullReload({ logs, old, songs: objects }: Reloaded): Star {
  const events = logs.flatMap(eventsOf).toSorted(byFileAge);
  const oldPlays = new Map(old.plays.map((event) => [playIdOf(event), event]));
  const { artists, songs } = catalogue(objects);
  const newPlays = events.filter(({ isPlay }) => isPlay).map((event) => [playIdOf(event), event] as const);
  const plays = new Map<string, EventTruth>([...oldPlays, ...newPlays]);
  const users = new Map([...old.users, ...events].toSorted(byUserAge).map((event) => [event.userId, event]));
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
      return playValues({ ...event, id, songId: song?.songId ?? null, artistId: song?.artistId ?? null });
    }),
    users: lines(users.values(), (event) => userValues(userOfEvent(event))),
    songs: lines(songs.values(), songValues),
    artists: lines(artists.values(), ({ artistName: name, ...song }) => artistValues({ ...song, name })),
    time: lines(new Set([...plays.values()].map(({ startMs }) => startMs)), (startMs) => timeValues(timeRow(startMs))),
  };
}

/** Which row of which object a song and an artist come from. */
export function catalogue(objects: readonly ReloadedObject[]) {
  const rows = objects.flatMap(songsOf).toSorted(byFileAge);
  const songs = new Map(rows.map((row) => [row.songId, row]));
  const ofArtists = [...songs.values()].toSorted(
    (a, b) => a.lastModifiedMs - b.lastModifiedMs || (a.songId < b.songId ? -1 : 1),
  );
  return { songs, artists: new Map(ofArtists.map((row) => [row.artistId, row])) };
}

export function playIdOf({ item, sessionId, startMs, userId }: EventTruth): string {
  return playId(sessionId, item, userId, startMs);
}

/** A user as an event shows it. */
export function userOfEvent(event: EventTruth) {
  return { ...event, lastMs: event.startMs, lastSession: event.sessionId, lastItem: event.item };
}

function lines<T>(rows: Iterable<T>, valuesOf: (row: T) => readonly unknown[]): readonly string[] {
  return [...rows].map((row) => JSON.stringify(valuesOf(row))).toSorted();
}

type NoLineage<T> = Omit<T, 'objectId' | 'sourceId' | 'line' | 'batchId' | 'matchKey'>;

export function playValues(row: NoLineage<Play>): readonly unknown[] {
  const { artistName, id, item, length, level, location, sessionId, songId, startMs, title, userAgent, userId } = row;
  return [
    id,
    startMs,
    userId,
    level,
    songId,
    row.artistId,
    sessionId,
    location,
    userAgent,
    item,
    title,
    artistName,
    length,
  ];
}

export function userValues(row: NoLineage<User>): readonly unknown[] {
  const { firstName, gender, lastItem, lastMs, lastName, lastSession, level, userId } = row;
  return [userId, firstName, lastName, gender, level, lastMs, lastSession, lastItem];
}

export function songValues(row: Pick<Song, 'songId' | 'title' | 'artistId' | 'year' | 'duration'>): readonly unknown[] {
  return [row.songId, row.title, row.artistId, row.year, row.duration];
}

export function artistValues(row: NoLineage<Artist>): readonly unknown[] {
  return [row.artistId, row.name, row.location, row.latitude, row.longitude];
}

const timeValues = (row: Time): readonly unknown[] => [
  ...[row.startMs, row.hour, row.day, row.week, row.month, row.year, row.weekday],
];

/** Of two events of a user at one moment the one of the newer file is the newer one: so they come in. */
export function byUserAge(a: EventTruth, b: EventTruth): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  if (a.sessionId !== b.sessionId) return BigInt(a.sessionId) < BigInt(b.sessionId) ? -1 : 1;
  return a.item - b.item;
}

/** Where a row stands. */
type Placed = {
  readonly key: string;
  readonly row: number;
  readonly line: number;
  readonly lastModifiedMs: number;
};

export function eventsOf({ key, lastModifiedMs, rows }: ReloadedObject): readonly (EventTruth & Placed)[] {
  return rows.flatMap((row, index) => (row.kind === 'event' ? [{ ...row, key, lastModifiedMs, row: index + 1 }] : []));
}

export function songsOf({ key, lastModifiedMs, rows }: ReloadedObject): readonly (SongTruth & Placed)[] {
  return rows.flatMap((row, index) => (row.kind === 'song' ? [{ ...row, key, lastModifiedMs, row: index + 1 }] : []));
}

/** The newest file comes last, then the greatest key, then the last row. */
function byFileAge(a: Placed, b: Placed): number {
  if (a.lastModifiedMs !== b.lastModifiedMs) return a.lastModifiedMs - b.lastModifiedMs;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.row - b.row;
}

/** A fingerprint of the tables, for comparing runs. */
export function fingerprint(star: Star): string {
  return md5(JSON.stringify(star));
}
