import { BUCKET } from './bucket.ts';
import type { Reloaded, ReloadedObject } from './model/full-reload.ts';
import {
  artistValues,
  byUserAge,
  catalogue,
  eventsOf,
  playIdOf,
  playValues,
  songValues,
  songsOf,
} from './model/full-reload.ts';
import { userOfEvent, userValues } from './model/full-reload.ts';
import type { Tables } from './model/tables.ts';
import { md5, playHash, userHash } from './model/values.ts';
import type { EventTruth } from './uploads.ts';
import type { World } from './world.ts';

/**
 * P9: every row names an object and a line whose live version has exactly these values there, and what is kept for taking
 * back is what the live versions say. All of it follows from the truth about the files; the reader has no part in it.
 */
export function checkLineage(world: World, tables: Tables, { logs, old, songs }: Reloaded): void {
  const compare = (what: string, is: readonly unknown[], shall: readonly unknown[]) => {
    const [rows, expected] = [is, shall].map((list) => list.map((row) => JSON.stringify(row)).toSorted());
    if (JSON.stringify(rows) === JSON.stringify(expected)) return;
    const extra = rows?.filter((row) => expected?.includes(row) !== true) ?? [];
    const lacking = expected?.filter((row) => rows?.includes(row) !== true) ?? [];
    world.violate(
      `P9: ${what} are not what the live versions say; only in the table: ${extra.slice(0, 2).join(' ')}; ` +
        `only in the versions: ${lacking.slice(0, 2).join(' ')}`,
    );
  };
  const plays = logs.flatMap((object) => [...playsOf(object)].map(([, event]) => playLine(idOf(object), event)));
  const isAttributed = ({ objectId }: { readonly objectId: string | null }) => objectId !== null;
  const rows = [...tables.songplays.values(), ...tables.play_rivals.values()].filter(isAttributed);
  compare(
    'plays and their rivals',
    rows.map((row) => [row.objectId, row.line, ...withoutMatch(row)]),
    plays,
  );

  const users = logs.flatMap((object) => [...usersOf(object).values()].map((event) => userLine(idOf(object), event)));
  const sources = [...tables.user_sources.values()]
    .filter(isAttributed)
    .map((row) => [row.objectId, row.line, ...userValues(row)]);
  compare('user_sources', sources, users);
  const oldUsers = old.users.map((event) => [null, null, ...userValues(userOfEvent(event))]);
  const known = new Set([...users, ...oldUsers].map((line) => JSON.stringify(line)));
  for (const row of tables.users.values()) {
    const line = JSON.stringify([row.objectId, row.line, ...userValues(row)]);
    if (!known.has(line)) world.violate(`P9: a row of users has no witness: ${line}`);
  }

  const { artists, songs: winners } = catalogue(songs);
  compare(
    'song_sources',
    [...tables.song_sources.values()].map((row) => [
      row.sourceId,
      row.row,
      row.line,
      row.artistName,
      ...songValues(row),
    ]),
    songs.flatMap((object) =>
      songsOf(object).map((row) => [idOf(object), row.row, row.line, row.artistName, ...songValues(row)]),
    ),
  );
  compare(
    'songs',
    [...tables.songs.values()].map((row) => [row.sourceId, row.sourceRow, row.line, ...songValues(row)]),
    [...winners.values()].map((row) => [idOf(row), row.row, row.line, ...songValues(row)]),
  );
  compare(
    'artists',
    [...tables.artists.values()].map((row) => [row.sourceId, row.line, ...artistValues(row)]),
    [...artists.values()].map((row) => [idOf(row), row.line, ...artistValues({ ...row, name: row.artistName })]),
  );
  compare(
    'ingest_objects',
    [...tables.ingest_objects.values()]
      .filter(({ status }) => status === 'live')
      .map((row) => [
        ...[row.objectId, row.lastModifiedMs, row.rowsKept, String(row.rowsSum), row.firstMs, row.lastMs],
      ]),
    [
      ...logs.map(logObject),
      ...songs.map((object) => [idOf(object), object.lastModifiedMs, songsOf(object).length, 'null', null, null]),
    ],
  );
}

function idOf({ key }: { readonly key: string }): string {
  return md5(JSON.stringify([BUCKET, key]));
}

type Event = ReturnType<typeof eventsOf>[number];

/** The last row of each play. */
function playsOf(object: ReloadedObject): ReadonlyMap<string, Event> {
  const plays = eventsOf(object).filter(({ isPlay }) => isPlay);
  return new Map(plays.map((event) => [playIdOf(event), event]));
}

/** The newest event of each user, and of equal ones the last row. */
function usersOf(object: ReloadedObject): ReadonlyMap<string, Event> {
  return new Map(
    eventsOf(object)
      .toSorted(byUserAge)
      .map((event) => [event.userId, event]),
  );
}

function playLine(objectId: string, event: EventTruth & { readonly line: number }): readonly unknown[] {
  return [objectId, event.line, ...withoutMatch({ ...event, id: playIdOf(event) })];
}

function withoutMatch(row: Omit<Parameters<typeof playValues>[0], 'songId' | 'artistId'>): readonly unknown[] {
  return playValues({ ...row, songId: null, artistId: null });
}

function userLine(objectId: string, event: EventTruth & { readonly line: number }): readonly unknown[] {
  return [objectId, event.line, ...userValues(userOfEvent(event))];
}

function logObject(object: ReloadedObject): readonly unknown[] {
  const [plays, users] = [[...playsOf(object).values()], [...usersOf(object).values()]];
  const shares = [...plays.map(playHash), ...users.map(userHash)].map((hash) => BigInt(`0x${hash.slice(0, 15)}`));
  const times = [...plays, ...users].map(({ startMs }) => startMs);
  const [first, last] = times.length === 0 ? [null, null] : [Math.min(...times), Math.max(...times)];
  return [
    ...[idOf(object), object.lastModifiedMs, shares.length],
    ...[String(shares.reduce((sum, share) => sum + share, 0n)), first, last],
  ];
}
