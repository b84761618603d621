import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCopyStand } from '../../packages/redshift-local/test/copy/copy-stand.ts';
import type { CopyStand } from '../../packages/redshift-local/test/copy/copy-stand.ts';

const sample = join(import.meta.dirname, '../../../shared/data/sparkify');

describe('the stand-in loads the real sample', () => {
  let stand: CopyStand;
  beforeAll(async () => {
    stand = await startCopyStand();
  });
  afterAll(async () => {
    await stand.stop();
  });

  it('all rows of the logs: keys matched without case, every value as it is written', async ({ skip }) => {
    const logs = await filesUnder(sample, '-events.json').catch(() => []);
    if (logs.length === 0) return skip(`the real sample is not at ${sample}`);
    const texts = await Promise.all(logs.map(async (path) => await readFile(path, 'utf8')));
    await stand.client.query(
      'create table events (userid varchar(20), registration varchar(30), useragent varchar(1024), song varchar(1024))',
    );
    for (const [index, text] of texts.entries()) await stand.put(`logs/${index}.json`, text);
    await stand.putManifest(
      'logs.manifest',
      texts.map((_, index) => `logs/${index}.json`),
    );
    const { loadedRows } = await stand.copy('events', 'logs.manifest', "manifest json 'auto ignorecase'");
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => line.trim() !== ''));
    expect(loadedRows).toBe(lines.length);
    const expected = lines.map((line) => fieldsOf(line));
    expect(await stand.rows('select userid, registration, useragent, song from events')).toEqual(expected);
  });

  it('all songs from a prefix', async ({ skip }) => {
    const songs = await filesUnder(join(sample, 'song_data'), '.json').catch(() => []);
    if (songs.length === 0) return skip(`the real sample is not at ${sample}`);
    await stand.client.query(
      'create table songs (song_id varchar(20), title varchar(512), duration numeric(12,5), year int)',
    );
    for (const [index, path] of songs.entries()) await stand.put(`songs/${index}.json`, await readFile(path));
    expect((await stand.copy('songs', 'songs/', "json 'auto'")).loadedRows).toBe(songs.length);
    expect(
      await stand.rows(
        'select count(*)::int as n from songs where song_id is null or title is null or duration is null',
      ),
    ).toEqual([{ n: 0 }]);
  });
});

/** The four fields by other means than the code under test: numbers as text by a search in the line. */
function fieldsOf(line: string): Record<string, string | null> {
  const parsed = JSON.parse(line) as { userId: string; userAgent: string | null; song: string | null };
  const registration = /"registration":([^,}]+)/.exec(line)?.[1] ?? 'null';
  return {
    userid: parsed.userId,
    registration: registration === 'null' ? null : registration,
    useragent: parsed.userAgent ?? null,
    song: parsed.song ?? null,
  };
}

async function filesUnder(directory: string, suffix: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  return entries.filter((entry) => entry.endsWith(suffix)).map((entry) => join(directory, entry));
}
