import { IngestError } from '../../src/core/errors.ts';
import { bySource } from './steps-songs.ts';
import type { Step, Transaction } from './transaction.ts';
import { textValue } from './transaction.ts';

/** `sql/load/retraction`, file by file. */
export const RETRACTION_STEPS: Readonly<Record<string, Step>> = {
  'load/retraction/10_of_list.sql': ({ tables, temporary }) => {
    const listed = temporary.get('sparkify_listed_files').map(({ objectId }) => objectId);
    const live = listed.filter((id) => tables.ingest_objects.get(id)?.status === 'live');
    temporary.set('sparkify_retracted', new Set(live));
    temporary.set('sparkify_retraction', '');
    return undefined;
  },
  'load/retraction/12_of_batch.sql': ({ temporary }) => {
    const replaced = temporary
      .get('sparkify_objects')
      .filter(({ change, was }) => change === 'newer' && was?.status === 'live');
    temporary.set('sparkify_retracted', new Set(replaced.map(({ objectId }) => objectId)));
    temporary.set('sparkify_retraction', '');
    return undefined;
  },
  'load/retraction/20_logs.sql': guarded(logCounts),
  'load/retraction/20_songs.sql': guarded(songCounts),
  'load/retraction/30_objects.sql': ({ tables, temporary }) =>
    temporary.get('sparkify_listed_files').map(({ fileNumber, objectId }) => {
      const object = tables.ingest_objects.get(objectId);
      return { file_number: fileNumber, status: object?.status ?? null, rows_kept: object?.rowsKept ?? null };
    }),
  'load/retraction/32_counts.sql': ({ tables, temporary }) => {
    const listed = new Set(temporary.get('sparkify_listed_files').map(({ objectId }) => objectId));
    const old = [...tables.ingest_files.rows()].filter(
      ({ objectId, status }) =>
        status === 'loaded' && listed.has(objectId) && tables.ingest_objects.get(objectId) === undefined,
    );
    return [
      {
        counts_as_planned: temporary.get('sparkify_retraction'),
        songplays: [...tables.songplays.rows()].length,
        songs: [...tables.songs.rows()].length,
        without_lineage: new Set(old.map(({ objectId }) => objectId)).size,
        without_lineage_key: old.map(({ key }) => key).toSorted()[0] ?? null,
      },
    ];
  },
};

/** Counts as `20_*.sql` does, and ends the transaction when a person saw other counts. */
function guarded(counts: (tables: Transaction['tables'], retracted: ReadonlySet<string>) => string): Step {
  return ({ tables, temporary }, values) => {
    const retracted = temporary.get('sparkify_retracted');
    const text = `${versions(tables, retracted)}, ${counts(tables, retracted)}`;
    const planned = textValue(values, 'planned');
    if (planned !== '' && planned !== text) {
      throw new IngestError('plan_changed', 'Cannot insert a NULL value into column counts_as_planned');
    }
    temporary.set('sparkify_retraction', text);
    return undefined;
  };
}

/** The versions by name, where the SQL has a checksum of them. */
function versions(tables: Transaction['tables'], retracted: ReadonlySet<string>): string {
  const live = [...retracted].flatMap((id) => {
    const object = tables.ingest_objects.get(id);
    return object?.status === 'live' ? [`${id}${object.etag}${object.lastModifiedMs}`] : [];
  });
  return `versions ${live.length} ${live.toSorted().join('+') || 0}`;
}

function logCounts(tables: Transaction['tables'], retracted: ReadonlySet<string>): string {
  const isOut = ({ objectId }: { readonly objectId: string | null }): boolean =>
    objectId !== null && retracted.has(objectId);
  const shared = new Set([...tables.play_rivals.rows()].filter((one) => !isOut(one)).map(({ id }) => id));
  const plays = [...tables.songplays.rows()];
  const out = plays.filter(isOut);
  const elsewhere = new Set([...tables.user_sources.rows()].filter((one) => !isOut(one)).map(({ userId }) => userId));
  const users = [...tables.users.rows()].filter(isOut);
  const heard = new Set(plays.filter((play) => !isOut(play) || shared.has(play.id)).map(({ startMs }) => startMs));
  const times = new Set(out.map(({ startMs }) => startMs).filter((startMs) => !heard.has(startMs)));
  return [
    counted('songplays', out, ({ id }) => shared.has(id)),
    counted('users', users, ({ userId }) => elsewhere.has(userId)),
    `time ${times.size} 0`,
  ].join(', ');
}

function songCounts(tables: Transaction['tables'], retracted: ReadonlySet<string>): string {
  const isOut = ({ sourceId }: { readonly sourceId: string }): boolean => retracted.has(sourceId);
  const others = [...tables.song_sources.rows()].filter((one) => !isOut(one)).toSorted(bySource);
  const winners = new Map(others.map((row) => [row.songId, row]));
  const artists = new Set([...winners.values()].map(({ artistId }) => artistId));
  const songs = [...tables.songs.rows()].filter(isOut);
  const named = new Set(songs.map(({ songId }) => songId));
  const plays = [...tables.songplays.rows()].filter(({ songId }) => songId !== null && named.has(songId));
  return [
    counted('songs', songs, ({ songId }) => winners.has(songId)),
    counted('artists', [...tables.artists.rows()].filter(isOut), ({ artistId }) => artists.has(artistId)),
    `songplays 0 ${plays.length}`,
  ].join(', ');
}

function counted<T>(table: string, rows: readonly T[], isChanged: (row: T) => boolean): string {
  const changed = rows.filter(isChanged).length;
  return `${table} ${rows.length - changed} ${changed}`;
}
