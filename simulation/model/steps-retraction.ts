import { IngestError } from '../../src/core/errors.ts';
import type { Step, Transaction, Values } from './transaction.ts';
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
  'load/retraction/20_logs.sql': count,
  'load/retraction/20_songs.sql': count,
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

/** What a retraction changes, as the guard compares it: the versions, and the rows that name them. */
function count({ tables, temporary }: Transaction, values: Values): undefined {
  const retracted = temporary.get('sparkify_retracted');
  const isOut = (objectId: string | null): boolean => objectId !== null && retracted.has(objectId);
  const versions = [...retracted].flatMap((id) => {
    const object = tables.ingest_objects.get(id);
    return object?.status === 'live' ? [`${id}${object.etag}${object.lastModifiedMs}`] : [];
  });
  const others = [...tables.play_rivals.rows()].filter(({ objectId }) => !isOut(objectId));
  const shared = new Set(others.map(({ id }) => id));
  const plays = [...tables.songplays.rows()].filter(({ objectId }) => isOut(objectId));
  const users = [...tables.users.rows()].filter(({ objectId }) => isOut(objectId));
  const songs = [...tables.songs.rows()].filter(({ sourceId }) => retracted.has(sourceId));
  const changed = plays.filter(({ id }) => shared.has(id)).length;
  const counts =
    `versions ${versions.toSorted().join(' ')}, songplays ${plays.length - changed} ${changed}, ` +
    `users 0 ${users.length}, songs 0 ${songs.length}`;
  const planned = textValue(values, 'planned');
  if (planned !== '' && planned !== counts) {
    throw new IngestError('plan_changed', 'Cannot insert a NULL value into column counts_as_planned');
  }
  temporary.set('sparkify_retraction', counts);
  return undefined;
}
