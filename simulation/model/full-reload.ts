import type { Artist, Play, Rows, STAR_TABLES, Song, Tables, Time, User } from './tables.ts';
import { hundredThousandths, matchKey, md5, playHash, playId, timeRow, userHash } from './values.ts';

/** What a full reload reads: the text of every log version that counts, and the song objects with their age. */
export type Reloaded = {
  readonly logs: readonly string[];
  readonly songs: readonly { readonly key: string; readonly text: string; readonly lastModifiedMs: number }[];
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
  const events = logs.flatMap(objectsOf).flatMap(eventOf);
  const songRows = objects.flatMap(songsOf).toSorted(bySongAge);
  const songs = new Map(songRows.map((row) => [row.songId, row]));
  const artists = new Map(
    [...songs.values()]
      .toSorted((a, b) => a.lastModifiedMs - b.lastModifiedMs || (a.songId < b.songId ? -1 : 1))
      .map((row) => [row.artistId, row]),
  );
  const plays = new Map(
    events
      .filter(({ page }) => page === 'NextSong')
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

type Event = Omit<Play, 'id' | 'songId' | 'artistId' | 'matchKey'> &
  Omit<User, 'lastMs' | 'lastSession' | 'lastItem'> & { readonly page: string };

/** An event that the model keeps: it names a user, and its numbers are numbers. */
function eventOf(json: Readonly<Record<string, string | null>>): readonly Event[] {
  const value = (name: string): string | null => json[name] ?? null;
  const page = value('page') ?? '';
  const numbers = ['ts', 'userid', 'sessionid', 'iteminsession'].map((name) => value(name) ?? '');
  if (page === '' || !numbers.every((text) => /^[0-9]+$/.test(text)) || (numbers[0] ?? '').length > 13) return [];
  const lengthText = value('length');
  const length = lengthText === null ? null : hundredThousandths(lengthText);
  if (length === undefined || Buffer.byteLength(value('level') ?? '') > 16) return [];
  const [startMs = 0, userId = 0, sessionId = 0, item = 0] = numbers.map(Number);
  const year = new Date(startMs).getUTCFullYear();
  if (year < 2000 || year > 2099) return [];
  return [
    {
      page,
      startMs,
      userId,
      sessionId,
      item,
      length,
      level: value('level'),
      firstName: value('firstname'),
      lastName: value('lastname'),
      gender: value('gender'),
      location: value('location'),
      userAgent: value('useragent'),
      title: value('song'),
      artistName: value('artist'),
    },
  ];
}

function byUserAge(a: Event, b: Event): number {
  return a.startMs - b.startMs || a.sessionId - b.sessionId || a.item - b.item || (userHash(a) < userHash(b) ? -1 : 1);
}

type SongRow = Rows['song_sources'] & { readonly songId: string; readonly artistId: string };

function songsOf(object: Reloaded['songs'][number]): readonly SongRow[] {
  return objectsOf(object.text).flatMap((json, index) => {
    const value = (name: string): string | null => json[name] ?? null;
    const [songId, artistId] = [value('song_id') ?? '', value('artist_id') ?? ''];
    const year = value('year');
    const durationText = value('duration');
    const duration = durationText === null ? null : hundredThousandths(durationText);
    if (songId === '' || artistId === '' || duration === undefined) return [];
    if (year !== null && !/^[0-9]{1,4}$/.test(year)) return [];
    const degrees = (name: string) => (value(name) === null ? null : Number(value(name)));
    return [
      {
        ...{ sourceId: object.key, row: index + 1, key: object.key, etag: '', sequencer: '', matchKey: null },
        lastModifiedMs: object.lastModifiedMs,
        songId,
        artistId,
        title: value('title'),
        artistName: value('artist_name'),
        location: value('artist_location'),
        latitude: degrees('artist_latitude'),
        longitude: degrees('artist_longitude'),
        year: year === null ? null : Number(year),
        duration,
      },
    ];
  });
}

function bySongAge(a: SongRow, b: SongRow): number {
  if (a.lastModifiedMs !== b.lastModifiedMs) return a.lastModifiedMs - b.lastModifiedMs;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.row - b.row;
}

/** The JSON objects of a file, one a line; none at all when one of them is broken. Numbers stay text. */
function objectsOf(text: string): readonly Readonly<Record<string, string | null>>[] {
  try {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const parsed: unknown = JSON.parse(line, (_key, value: unknown, context?: { source?: string }) =>
          typeof value === 'number' ? (context?.source ?? String(value)) : value,
        );
        const entries = Object.entries(parsed as Record<string, string | null>);
        return Object.fromEntries(entries.map(([key, value]) => [key.toLowerCase(), value]));
      });
  } catch {
    return [];
  }
}

/** A fingerprint of the tables, for comparing runs. */
export function fingerprint(star: Star): string {
  return md5(JSON.stringify(star));
}
