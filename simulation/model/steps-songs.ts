import type { Step, Transaction } from './transaction.ts';
import { isWithin } from './transaction.ts';
import type { BatchObject, StagedRow } from './temporary.ts';
import { batchReach, changedKeys, coversAllPlays } from './play-keys.ts';
import type { Artist, Song, SongSource } from './tables.ts';
import { refuseRows } from './refusals.ts';
import { insertOnce, isGuarded, publishObjects, replacedIds } from './live-objects.ts';
import { addCounts, byFile, matchOf } from './log-events.ts';
import { hundredThousandths, sqlTime } from './values.ts';

const DAY_MS = 86_400_000;

/** `sql/load/songs`, file by file. */
export const SONG_STEPS: Readonly<Record<string, Step>> = {
  'load/songs/stage/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop([
      'staging',
      'doubles',
      'sparkify_objects',
      'sparkify_retracted',
      'sparkify_retraction',
      'sparkify_sources',
      'affected',
      'sparkify_song_choice',
      'sparkify_artist_choice',
    ]);
    temporary.drop(['sparkify_match_choice', 'sparkify_play_repairs']);
    return undefined;
  },
  'load/songs/stage/10_create_staging.sql': ({ temporary }) => {
    temporary.set('staging', []);
    temporary.set('staging_of', 'songs');
    temporary.set('doubles', []);
    temporary.set('affected', new Set());
    temporary.set('sparkify_song_choice', []);
    temporary.set('sparkify_artist_choice', []);
    temporary.set('sparkify_match_choice', new Set());
    temporary.set('sparkify_play_repairs', []);
    return undefined;
  },
  'load/songs/stage/30_batch_sources.sql': ({ temporary }) => {
    temporary.set('sparkify_sources', batchSources(temporary));
    return undefined;
  },
  'load/songs/stage/90_reach.sql': (transaction) => [reachTexts(batchReach(transaction))],
  'load/songs/publish/10_affected.sql': (transaction) => {
    const { tables, temporary } = transaction;
    const replaced = replacedIds(transaction);
    const named = [...tables.song_sources.rows()].filter(({ sourceId }) => replaced.has(sourceId));
    temporary.set('affected', new Set([...temporary.get('sparkify_sources'), ...named].map(({ songId }) => songId)));
    return undefined;
  },
  'load/songs/publish/12_replaced_sources.sql': (transaction) => {
    const replaced = replacedIds(transaction);
    const sources = transaction.tables.song_sources;
    for (const [key, { sourceId }] of sources.entries()) if (replaced.has(sourceId)) sources.delete(key);
    return undefined;
  },
  'load/songs/publish/14_song_sources.sql': (transaction) => {
    const { temporary } = transaction;
    refuseRows('publish', temporary.get('staging'));
    for (const row of temporary.get('sparkify_sources')) {
      insertOnce(transaction, 'song_sources', `${row.sourceId} ${row.row}`, row);
    }
    return undefined;
  },
  'load/songs/publish/20_songs.sql': (transaction) => {
    publishSongs(transaction);
    return undefined;
  },
  'load/songs/publish/30_artists.sql': (transaction) => {
    publishArtists(transaction);
    return undefined;
  },
  'load/songs/publish/40_matches.sql': ({ temporary }) => {
    temporary.set(
      'sparkify_match_choice',
      changedKeys(temporary.get('songs_before'), temporary.get('sparkify_song_choice')),
    );
    return undefined;
  },
  'load/songs/publish/50_repair_songplays.sql': (transaction, values) => {
    repairPlays(transaction, isWithin(values, 'start_time'));
    return undefined;
  },
  'load/songs/publish/60_objects.sql': (transaction, values) =>
    publishObjects(transaction, values, (objectId) => {
      const rows = transaction.temporary.get('sparkify_sources').filter(({ sourceId }) => sourceId === objectId);
      return { dataset: 'songs', rowsKept: rows.length, rowsSum: null, firstMs: null, lastMs: null };
    }),
  'load/songs/publish/80_counts.sql': (transaction, values) => {
    const { temporary } = transaction;
    const changes = [...temporary.get('song_changes'), ...temporary.get('sparkify_artist_choice')];
    const inserted = changes.filter(({ isNew }) => isNew).length;
    const isEnough = isGuarded(transaction) && coversAllPlays(transaction, values);
    addCounts(temporary, {
      inserted: isEnough ? inserted : null,
      updated: changes.length - inserted,
      repaired: temporary.get('sparkify_play_repairs').length,
      removed: temporary.get('songs_gone').length + temporary.get('artists_gone').length,
    });
    return undefined;
  },
};

function publishSongs({ tables, temporary }: Transaction): void {
  const affected = temporary.get('affected');
  const before = [...affected].flatMap((id) => tables.songs.get(id) ?? []);
  const winners = new Map<string, SongSource>();
  for (const source of tables.song_sources.rows()) {
    if (!affected.has(source.songId)) continue;
    const other = winners.get(source.songId);
    if (other === undefined || bySource(source, other) > 0) winners.set(source.songId, source);
  }
  const changes: { isNew: boolean }[] = [];
  for (const winner of winners.values()) {
    const song = songOf(winner);
    const known = before.find(({ songId }) => songId === song.songId);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(song)) continue;
    changes.push({ isNew: known === undefined });
    tables.songs.update(song.songId, song);
  }
  const gone = before.filter(({ songId }) => !winners.has(songId)).map(({ songId }) => songId);
  for (const songId of gone) tables.songs.delete(songId);
  temporary.set('songs_before', before);
  temporary.set('sparkify_song_choice', [...winners.values()]);
  temporary.set('song_changes', changes);
  temporary.set('songs_gone', gone);
}

/** The newest object comes last, then the greatest key, then the last row. */
export function bySource(a: SongSource, b: SongSource): number {
  return byFile(a, b) || a.row - b.row;
}

function songOf(source: SongSource): Song {
  return {
    songId: source.songId,
    title: source.title,
    artistId: source.artistId,
    year: source.year,
    duration: source.duration,
    matchKey: source.matchKey,
    lastModifiedMs: source.lastModifiedMs,
    sourceId: source.sourceId,
    sourceRow: source.row,
    line: source.line,
  };
}

function publishArtists({ tables, temporary }: Transaction): void {
  const affected = new Set<string>();
  for (const { artistId } of temporary.get('songs_before')) affected.add(artistId);
  for (const { artistId } of temporary.get('sparkify_song_choice')) affected.add(artistId);
  const changes: { artist: Artist; isNew: boolean }[] = [];
  const gone: string[] = [];
  for (const artistId of affected) {
    let winner: { song: Song; source: SongSource } | null = null;
    for (const song of tables.songs.rows()) {
      const source = tables.song_sources.get(`${song.sourceId} ${song.sourceRow}`);
      if (source?.artistId !== artistId || source.songId !== song.songId) continue;
      if (winner === null || winsArtist(song, winner.song)) winner = { song, source };
    }
    const known = tables.artists.get(artistId);
    if (winner === null) {
      if (known !== undefined) gone.push(artistId);
      tables.artists.delete(artistId);
      continue;
    }
    const { artistName: name, latitude, line, location, longitude, sourceId } = winner.source;
    const artist: Artist = { artistId, name, location, latitude, longitude, sourceId, line };
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(artist)) continue;
    changes.push({ artist, isNew: known === undefined });
    tables.artists.update(artistId, artist);
  }
  temporary.set('sparkify_artist_choice', changes);
  temporary.set('artists_gone', gone);
}

function winsArtist(a: Song, b: Song): boolean {
  if (a.lastModifiedMs !== b.lastModifiedMs) return a.lastModifiedMs > b.lastModifiedMs;
  return a.songId > b.songId;
}

function reachTexts(reach: ReturnType<typeof batchReach>) {
  if (reach === null) return { min_start_time: null, max_start_time: null };
  return { min_start_time: sqlTime(reach.firstDayMs), max_start_time: sqlTime(reach.lastDayMs + DAY_MS - 1) };
}

function repairPlays(transaction: Transaction, isRead: (startMs: number) => boolean): void {
  const { tables, temporary } = transaction;
  const keys = temporary.get('sparkify_match_choice');
  const repairs: string[] = [];
  for (const play of [...tables.songplays.rows()]) {
    if (play.matchKey === null || !keys.has(play.matchKey) || !isRead(play.startMs)) continue;
    const match = matchOf(transaction, play.matchKey);
    const [songId, artistId] = [match?.songId ?? null, match?.artistId ?? null];
    if (songId === play.songId && artistId === play.artistId) continue;
    repairs.push(play.id);
    tables.songplays.update(play.id, { ...play, songId, artistId });
  }
  temporary.set('sparkify_play_repairs', repairs);
}

function batchSources(temporary: Transaction['temporary']): readonly SongSource[] {
  const objects = new Map(temporary.get('sparkify_objects').map((object) => [object.fileNumber, object]));
  return temporary.get('staging').flatMap((row) => {
    const object = row['kind'] === 'S' ? objects.get(Number(row['file_number'])) : undefined;
    return object === undefined || object.change === 'same' ? [] : [songSource(row, object)];
  });
}

function songSource(row: StagedRow, { etag, key, lastModifiedMs, objectId }: BatchObject): SongSource {
  const text = (column: string): string | null => row[column] ?? null;
  const number = (column: string): number | null => (text(column) === null ? null : Number(text(column)));
  return {
    sourceId: objectId,
    row: Number(row['row_number']),
    line: Number(row['line_number']),
    key,
    etag,
    lastModifiedMs: lastModifiedMs ?? 0,
    songId: text('song_id') ?? '',
    title: text('title'),
    artistId: text('artist_id') ?? '',
    artistName: text('artist_name'),
    location: text('artist_location'),
    latitude: number('artist_latitude'),
    longitude: number('artist_longitude'),
    year: number('year'),
    duration: hundredThousandths(text('duration')),
    matchKey: text('match_key'),
  };
}
