import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { generatedFiles } from './support/generated.ts';
import type { InputFile } from './support/sample.ts';
import { Story } from './support/story.ts';

// Every notification is delivered twice, each copy late by up to 1.5 s: they overtake each other and themselves.
const stack = useStack({ unpleasantness: { seed: 7, duplicates: 1, delayMs: 1500, reorder: true } });

it('the same files give the same tables in a few batches, and in thirty in another order with everything delivered twice', async () => {
  const { songs, logs } = generatedFiles({ seed: 11, events: 900, songs: 40, files: 20 });
  const files = [...songs, ...logs];
  const [together, apart] = [await Story.begin(stack), await Story.begin(stack)];
  await together.putAll(files);
  await allDelivered(together, 2 * files.length);
  await together.consumeAll({ SPARKIFY_LINGER_MS: '2000' });

  // The consumer is on while the files arrive, so first and second deliveries fall into different batches.
  const consumer = apart.start(['consume'], { SPARKIFY_LINGER_MS: '0', SPARKIFY_BATCH_MAX_FILES: '2' });
  await apart.putAll(shuffled(files));
  await waitUntil(async () => (await loadedFiles(apart)) === files.length, {
    what: 'every file in the ledger',
    timeoutMs: 120_000,
  });
  await waitUntil(async () => (await apart.messagesLeft()) === 0, { what: 'an empty queue', timeoutMs: 60_000 });
  consumer.kill('SIGTERM');
  expect(await consumer.end).toMatchObject({ code: 0 });

  const batches = async (story: Story): Promise<number> =>
    Number(await story.star.value('select count(*) from ingest_batches'));
  // One of songs and one of logs, of ten messages together and then of all others.
  expect(await batches(together)).toBeLessThan(15);
  expect(await batches(apart)).toBeGreaterThanOrEqual(30);
  expect(await apart.star.dump()).toBe(await together.star.dump());
  expect((await together.star.counts()).songplays).toBeGreaterThan(400);
  await together.expectNothingLeft();
  await apart.expectNothingLeft();
});

it('the same files put again change no table: no play and no user is written, songs only learn their new date', async () => {
  const story = await Story.begin(stack);
  const { songs, logs } = generatedFiles({ seed: 3, events: 200, songs: 10, files: 4 });
  await story.putAll([...songs, ...logs]);
  await allDelivered(story, 2 * (songs.length + logs.length));
  await story.consumeAll();
  const before = await story.star.dump();
  const writers = 'select songplay_id, batch_id from songplays order by songplay_id';
  const writersBefore = await story.star.rows(writers);
  const batchesBefore = await story.star.rows<{ batch_id: string }>('select batch_id from ingest_batches');

  await story.putAll([...logs, ...songs]);
  await allDelivered(story, 2 * (songs.length + logs.length));
  await story.consumeAll();

  expect(await story.star.dump()).toBe(before);
  expect(await story.star.rows(writers)).toEqual(writersBefore);
  const later = await story.star.rows(
    `select dataset, sum(rows_inserted)::integer as inserted, sum(rows_updated)::integer as updated,
            sum(rows_repaired)::integer as repaired, sum(rows_removed)::integer as removed
     from ingest_batches where not (batch_id = any($1)) group by dataset order by dataset`,
    [batchesBefore.map((row) => row.batch_id)],
  );
  expect(later).toEqual([
    { dataset: 'logs', inserted: 0, updated: 0, repaired: 0, removed: 0 },
    // And the artists whose newest song now comes from another file.
    { dataset: 'songs', inserted: 0, updated: expect.any(Number) as number, repaired: 0, removed: 0 },
  ]);
  expect(later[1]?.['updated']).toBeGreaterThanOrEqual(songs.length);
  await story.expectNothingLeft();
});

/** Delayed messages are there when their delay is over. */
async function allDelivered(story: Story, messages: number): Promise<void> {
  await waitUntil(
    async () => {
      const { visible } = await stack.queueCounts(story.place.queueUrl);
      return visible === messages;
    },
    { what: `${messages} notifications` },
  );
}

async function loadedFiles(story: Story): Promise<number> {
  return Number(await story.star.value(`select count(*) from ingest_files where status = 'loaded'`));
}

/** Another order, the same in every run. */
function shuffled(files: readonly InputFile[]): readonly InputFile[] {
  const place = (file: InputFile): string => createHash('md5').update(file.key).digest('hex');
  return files.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}
