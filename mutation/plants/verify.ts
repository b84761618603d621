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
    text: 'where s.batch_id in (select g.batch_id from gone_batches g)',
    instead: 'where s.batch_id is not null',
    caughtBy: gone,
  },
  {
    name: 'verify calls the song of a deleted object a difference',
    file: 'sql/verify/reload/30_songs.sql',
    text: 'left join read_objects r on r.object_id = k.source_id\nwhere r.object_id is null',
    instead: 'left join read_objects r on r.object_id = k.source_id\nwhere r.object_id is null and k.song_id is null',
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
    text: "case when r.object_id is null and coalesce(e.status, '') <> 'loaded' then 'quarantined' else 'loaded' end",
    instead: "case when coalesce(e.status, 'loaded') <> 'loaded' then e.status else 'loaded' end",
    caughtBy: damage,
  },
  {
    name: 'verify does not see a ledger entry that is there twice',
    file: 'sql/verify/reload/60_ledger.sql',
    text: 'count(*) - count(distinct f.file_id',
    instead: 'count(distinct f.file_id) - count(distinct f.file_id',
    caughtBy: damage,
  },
  {
    name: 'verify calls what it could not read a difference',
    file: 'sql/verify/reload/10_gone_versions.sql',
    text: 'left join unread_objects u on u.object_id = l.object_id\nwhere u.object_id is null;',
    instead: 'left join unread_objects u on u.object_id = l.object_id;',
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
