import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCopyStand } from './copy-stand.ts';
import type { CopyStand } from './copy-stand.ts';

const sample = join(import.meta.dirname, '../../../../../shared/data/sparkify');

describe('what COPY loads is what the files hold', () => {
  let stand: CopyStand;
  beforeAll(async () => {
    stand = await startCopyStand();
  });
  afterAll(async () => {
    await stand.stop();
  });

  it('keeps every text that JSON and VARCHAR can both hold, in any number of documents and any layout', async () => {
    await stand.client.query('create table texts (nr varchar(10), one varchar(65535), two varchar(65535))');
    // NUL is the one character that a VARCHAR here cannot hold.
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
    const special = fc.constantFrom(
      '\\',
      '\\N',
      '\\.',
      '\t',
      '\n',
      '\r\n',
      '"',
      '',
      ' ',
      '𝄞',
      'null',
      '{}',
      '}{',
      ',',
      "'",
    );
    const value = fc.option(
      fc.oneof(
        text,
        special,
        fc.array(fc.oneof(text, special)).map((parts) => parts.join('')),
      ),
    );
    const documents = fc.array(fc.record({ one: value, two: value }, { requiredKeys: ['one'] }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        documents,
        fc.constantFrom(0, 1, 2),
        fc.constantFrom('\n', '', ' \t\r\n'),
        async (rows, indent, between) => {
          const numbered = rows.map((row, index) => ({ nr: index, ...row }));
          await stand.put('texts.json', numbered.map((row) => JSON.stringify(row, null, indent)).join(between));
          await stand.client.query('truncate texts');
          const { loadedRows } = await stand.copy('texts', 'texts.json', 'json');
          expect(loadedRows).toBe(rows.length);
          const loaded = await stand.rows('select one, two from texts order by nr::int');
          expect(loaded).toEqual(rows.map(({ one, two }) => ({ one, two: two ?? null })));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('loads the real sample: all rows of the logs, keys matched without case, every value as it is written', async ({
    skip,
  }) => {
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

  it('loads the real songs from a prefix', async ({ skip }) => {
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
