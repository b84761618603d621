import { expect, it } from 'vitest';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { generatedFiles } from './support/generated.ts';
import { Story } from './support/story.ts';

const stack = useStack();

it('two consumers on one queue share the work, and the tables are those of one', async () => {
  const { songs, logs } = generatedFiles({ seed: 21, events: 600, songs: 40, files: 40 });
  const files = [...songs, ...logs];
  const shared = await Story.begin(stack);
  const settings = { SPARKIFY_LINGER_MS: '0', SPARKIFY_BATCH_MAX_FILES: '4', SPARKIFY_MAX_HELD_FILES: '10' };
  const consumers = ['left', 'right'].map((name) =>
    shared.start(['consume'], { ...settings, SPARKIFY_CONSUMER_NAME: name }),
  );
  await shared.putAll(files);
  await waitUntil(async () => Object.keys(await shared.star.files()).length === files.length, {
    what: 'every file in the ledger',
    timeoutMs: 120_000,
  });
  await waitUntil(async () => (await shared.messagesLeft()) === 0, { what: 'an empty queue', timeoutMs: 60_000 });
  for (const consumer of consumers) consumer.kill('SIGTERM');
  for (const consumer of consumers) expect(await consumer.end).toMatchObject({ code: 0 });

  const alone = await Story.begin(stack);
  await alone.putAll(files);
  await alone.consumeAll();
  expect(await shared.star.dump()).toBe(await alone.star.dump());
  const workers = await shared.star.rows('select distinct consumer from ingest_batches order by consumer');
  expect(workers).toEqual([{ consumer: 'left' }, { consumer: 'right' }]);
  await shared.expectNothingLeft();
});
