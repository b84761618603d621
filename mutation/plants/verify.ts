import type { PlantedBug } from '../planted-bug.ts';
import { tests } from '../planted-bug.ts';

const damage = tests('test/verify/damage.test.ts');
const gone = tests('test/verify/gone.test.ts');
const unread = tests('test/verify/unread.test.ts');

/** A comparison that says "equal" too easily, or not easily enough. */
export const VERIFY_PLANTS: readonly PlantedBug[] = [
  {
    name: 'verify excuses any play that a reload lacks',
    file: 'sql/verify/reload/40_songplays.sql',
    text: "or (f.status = 'live' and f.is_read = (p.source = 'bucket'))",
    instead: "or (f.status = 'live' and (f.is_read or p.source = 'star'))",
    caughtBy: damage,
  },
  {
    name: 'verify keeps a play under an id that is not that of its values',
    file: 'sql/verify/reload/40_songplays.sql',
    text: '\n     or h.star_id = h.songplay_id',
    instead: '\n     or h.star_id is not null',
    caughtBy: gone,
  },
  {
    name: 'verify wants the newest file where the row of another one says the same',
    file: 'sql/verify/reload/40_songplays.sql',
    text: 'case when o.is_named = 1 then 0 else 1 end,\n',
    instead: '',
    caughtBy: damage,
  },
  {
    name: 'verify wants the newest file where a user of another one says the same',
    file: 'sql/verify/reload/50_users_and_time.sql',
    text: 'case when o.is_named = 1 then 0 else 1 end,\n',
    instead: '',
    caughtBy: damage,
  },
  {
    name: 'verify takes whatever the star names for a witness',
    file: 'sql/verify/reload/40_songplays.sql',
    text: 'case when o.play_hash = o.newest_hash then 0 else 1 end,\n',
    instead: '',
    caughtBy: damage,
  },
  {
    name: 'verify counts the rows of an object that was not read as the ledger does',
    file: 'sql/verify/compare/ingest_objects.sql',
    text: 'from reload_objects;',
    instead: 'from ingest_objects;',
    caughtBy: gone,
  },
  {
    name: 'verify expects the rows of a file that a person retracted',
    file: 'sql/verify/reload/10_files.sql',
    text: "case when r.object_id is null then 'live' else 'retracted' end",
    instead: "'live'",
    caughtBy: gone,
  },
  {
    name: 'verify misses the live version of a log that has no lineage yet',
    file: 'sql/verify/reload/10_files.sql',
    text: "l.dataset = 'songs' or e.object_id is null or n.object_id is not null as has_lineage",
    instead: 'true as has_lineage',
    caughtBy: gone,
  },
  {
    name: 'verify calls the song of a deleted object a difference',
    file: 'sql/verify/reload/30_songs.sql',
    text: "where f.status = 'live'\n    and not f.is_read",
    instead: "where f.status = 'live'\n    and f.is_read",
    caughtBy: gone,
  },
  {
    name: 'verify takes song_sources for what it ought to check',
    file: 'sql/verify/compare/song_sources.sql',
    text: 'from reload_song_sources;',
    instead: 'from song_sources;',
    caughtBy: damage,
  },
  {
    name: 'verify does not see that the days of a title begin too late',
    file: 'sql/verify/compare/play_keys.sql',
    text: 'case when k.first_day <= n.first_day then n.first_day else k.first_day end',
    instead: 'n.first_day',
    caughtBy: damage,
  },
  {
    name: 'verify does not see that the days of a title end too early',
    file: 'sql/verify/compare/play_keys.sql',
    text: 'case when k.last_day >= n.last_day then n.last_day else k.last_day end',
    instead: 'n.last_day',
    caughtBy: damage,
  },
  {
    name: 'verify wants the days of a title to be those of its plays',
    file: 'sql/verify/compare/play_keys.sql',
    text: 'case when k.last_day >= n.last_day then n.last_day else k.last_day end',
    instead: 'k.last_day',
    caughtBy: damage,
  },
  {
    name: 'verify believes a ledger that calls a file unreadable',
    file: 'sql/verify/compare/ingest_files.sql',
    text: "when l.is_part and not l.is_read and coalesce(e.status, '') <> 'loaded' then 'quarantined'",
    instead: "when l.is_part and coalesce(e.status, 'loaded') <> 'loaded' then e.status",
    caughtBy: damage,
  },
  {
    name: 'verify does not see a ledger entry that is there twice',
    file: 'sql/verify/reload/60_objects.sql',
    text: 'count(*) - count(distinct f.file_id',
    instead: 'count(distinct f.file_id) - count(distinct f.file_id',
    caughtBy: damage,
  },
  {
    name: 'verify calls what it could not read a difference',
    file: 'sql/verify/compare/ingest_files.sql',
    text: 'when l.is_part and not l.is_read and',
    instead: 'when l.is_part and l.is_read and',
    caughtBy: unread,
  },
  {
    name: 'verify does not take a file that vanished meanwhile for gone',
    file: 'src/verify/unread-objects.ts',
    text: "'was deleted since the bucket was listed', isGone: true",
    instead: "'was deleted since the bucket was listed', isGone: false",
    caughtBy: unread,
  },
  {
    name: 'verify drops the schema of a run that is under way',
    file: 'sql/verify/scratch/20_is_left_over.sql',
    text: '\n  and started_at < dateadd(hour, -48, getdate())',
    instead: '',
    caughtBy: gone,
  },
  {
    name: 'verify drops the scratch schema of another star',
    file: 'sql/verify/scratch/20_is_left_over.sql',
    text: 'where star_schema = {{star_schema}}',
    instead: 'where {{star_schema}} is not null',
    caughtBy: gone,
  },
  {
    name: 'verify drops a schema whose name is only like one of a run',
    file: 'src/verify/scratch-schema.ts',
    text: '.filter((name) => name.startsWith(this.#prefix))',
    instead: '',
    caughtBy: gone,
  },
  {
    name: 'two runs of verify share a schema',
    file: 'src/verify/scratch-schema.ts',
    text: 'this.name = `${this.#prefix}${input.runId}`;',
    instead: 'this.name = `${this.#prefix}run`;',
    caughtBy: gone,
  },
];
