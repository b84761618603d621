import { fingerprint, playValues, starOf, userValues } from './model/full-reload.ts';
import { changedEvents, momentOf, userMoment } from './model/log-events.ts';
import type { LiveObject, Tables } from './model/tables.ts';
import type { Transaction } from './model/transaction.ts';
import type { World } from './world.ts';

/**
 * What no single publish may do, whatever the tables are at the end: load a version again that a person retracted, change the star
 * by reading again what is there, or remove a row without an object that no other row replaces.
 *
 * @returns looks at the tables when the transaction is committed.
 */
export function beforeCommit(world: World, tables: Tables, { temporary }: Transaction): () => void {
  const objects = temporary.get('sparkify_objects');
  const retracted = [...tables.ingest_objects.values()].filter(({ status }) => status === 'retracted');
  const oldPlays = [...tables.songplays.values()].filter(({ objectId }) => objectId === null);
  const oldUsers = [...tables.user_sources].filter(([, { objectId }]) => objectId === null);
  const isReload =
    objects.some(({ change }) => change === 'newer') &&
    objects.every(({ status, was, ...read }) => status === 'live' && was?.status === 'live' && isSame(was, read));
  const before = isReload && oldPlays.length + oldUsers.length === 0 ? fingerprint(starOf(tables)) : null;
  return () => {
    for (const was of retracted) {
      const now = tables.ingest_objects.get(was.objectId);
      if (now?.status === 'live' && isSame(was, now))
        world.violate(`P9: ${was.key} is loaded again, and was retracted`);
    }
    for (const { key, objectId, status } of objects) {
      if (status === 'retracted' && tables.ingest_objects.get(objectId)?.status === 'live')
        world.violate(`P9: ${key} was retracted and is still live`);
    }
    if (before !== null && fingerprint(starOf(tables)) !== before)
      world.violate('P9: a reload of what is there changed more than the lineage');
    for (const was of oldPlays) {
      const now = tables.songplays.get(was.id);
      const isAsIt =
        now?.objectId === null &&
        sameValues(playValues, { ...was, songId: null, artistId: null }, { ...now, songId: null, artistId: null });
      if (!isAsIt && (now === undefined || now.objectId === null))
        world.violate(`P9: play ${was.id} named no object, and changed although no object has it`);
    }
    const staged = new Set(
      temporary.get('staging_of') === 'songs'
        ? []
        : changedEvents(temporary).map((event) => JSON.stringify([event.userId, momentOf(event)])),
    );
    for (const [key, was] of oldUsers) {
      const now = tables.user_sources.get(key);
      if (
        now === undefined
          ? !staged.has(JSON.stringify([was.userId, userMoment(was)]))
          : !sameValues(userValues, was, now)
      )
        world.violate(`P9: user ${was.userId} named no object, and changed although no object has the event`);
    }
  };
}

function isSame(
  was: LiveObject | null,
  { etag, lastModifiedMs }: { readonly etag: string; readonly lastModifiedMs: number | null },
): boolean {
  return was !== null && was.etag === etag && was.lastModifiedMs === lastModifiedMs;
}

function sameValues<T>(valuesOf: (row: T) => readonly unknown[], one: T, other: T): boolean {
  return JSON.stringify(valuesOf(one)) === JSON.stringify(valuesOf(other));
}
