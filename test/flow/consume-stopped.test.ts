import { expect, it } from 'vitest';
import type { SparkifyProcess } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { generatedFiles } from './support/generated.ts';
import type { InputFile } from './support/sample.ts';
import { holdLoads } from './support/held-load.ts';
import { Story } from './support/story.ts';

const stack = useStack();
const { songs, logs } = generatedFiles({ seed: 31, events: 300, songs: 20, files: 6 });
const files = [...songs, ...logs];

// Small leases: what a killed consumer held comes back soon.
const VISIBILITY_SECONDS = 10;

it('stopped in the middle of a load, it releases everything at once, and a second run finishes', async () => {
  const { story, load, consumer } = await inTheMiddleOfALoad();
  consumer.kill('SIGTERM');
  const end = await consumer.end;

  // It reported the rest, and the released messages can be received now, not when a lease ends.
  expect(end, end.stderr).toMatchObject({ signal: null });
  expect(end.stderr).toMatch(/released \d+ message/);
  expect(await stack.queueCounts(story.place.queueUrl)).toMatchObject({ visible: files.length, inFlight: 0 });
  await load.release();
  await expectAllAfterAnotherRun(story);
});

it('stopped in the middle of a load that ends within the deadline, it commits and acknowledges it', async () => {
  // As many as a consumer holds before its first commit.
  const ten = songs.slice(0, 10);
  const { story, load, consumer } = await inTheMiddleOfALoad({ of: ten, drainSeconds: 9 });
  await askToStop(consumer);
  await load.release();

  expect(await consumer.end).toMatchObject({ code: 0, signal: null });
  expect((await story.star.counts()).songs).toBe(ten.length);
  await story.expectNothingLeft();
});

it('a second SIGTERM exits at once, and nothing is lost', async () => {
  const { story, load, consumer } = await inTheMiddleOfALoad({ drainSeconds: 9 });
  await askToStop(consumer);
  consumer.kill('SIGTERM');
  expect(await consumer.end).toMatchObject({ code: 130 });

  await load.release();
  await leasesEnd(story);
  await expectAllAfterAnotherRun(story);
});

it('killed in the middle of a load that the warehouse then commits, the second run finds it done', async () => {
  const { story, load, consumer } = await inTheMiddleOfALoad();
  consumer.kill('SIGKILL');
  expect(await consumer.end).toMatchObject({ signal: 'SIGKILL' });
  await load.release();
  await waitUntil(async () => Object.keys(await story.star.files()).length > 0, {
    what: 'the commit nobody waited for',
  });

  await leasesEnd(story);
  await expectAllAfterAnotherRun(story);
});

it('killed in the middle of a load that is rolled back, the second run loads everything', async () => {
  const { story, load, consumer } = await inTheMiddleOfALoad();
  consumer.kill('SIGKILL');
  await consumer.end;
  await load.breakIt();
  await load.release();
  expect(await story.star.files()).toEqual({});

  await leasesEnd(story);
  await expectAllAfterAnotherRun(story);
});

it('when the warehouse loses the session of a load, the consumer continues without intervention', async () => {
  const { story, load, consumer } = await inTheMiddleOfALoad();
  await load.breakIt();
  await load.release();
  await waitUntil(async () => Object.keys(await story.star.files()).length === files.length, {
    what: 'every file',
    timeoutMs: 60_000,
  });
  await waitUntil(async () => (await story.messagesLeft()) === 0, { what: 'an empty queue', timeoutMs: 60_000 });
  consumer.kill('SIGTERM');
  expect(await consumer.end).toMatchObject({ code: 0 });
  expect(await story.star.dump()).toBe(await undisturbed());
  await story.expectNothingLeft();
});

/** A consumer whose load is staged and waits to be published. */
async function inTheMiddleOfALoad({
  of = files,
  drainSeconds = 1,
}: { readonly of?: readonly InputFile[]; readonly drainSeconds?: number } = {}) {
  const story = await Story.begin(stack);
  const load = await holdLoads(story);
  await story.putAll(of);
  const consumer = story.start(['consume'], {
    SPARKIFY_VISIBILITY_SECONDS: String(VISIBILITY_SECONDS),
    SPARKIFY_DRAIN_SECONDS: String(drainSeconds),
  });
  await load.reached();
  return { story, load, consumer };
}

async function askToStop(consumer: SparkifyProcess): Promise<void> {
  consumer.kill('SIGTERM');
  await consumer.waitFor('the line that it stops', ({ text }) =>
    text.includes('consumer.draining') ? true : undefined,
  );
}

async function expectAllAfterAnotherRun(story: Story): Promise<void> {
  await story.consumeAll();
  expect(await story.star.dump()).toBe(await undisturbed());
  await story.expectNothingLeft();
}

let tables: Promise<string> | undefined;

/** The tables of a run that is not stopped. */
async function undisturbed(): Promise<string> {
  tables ??= (async () => {
    const story = await Story.begin(stack);
    await story.putAll(files);
    await story.consumeAll();
    return await story.star.dump();
  })();
  return await tables;
}

/** The messages of a killed consumer can be received when their leases are over. */
async function leasesEnd(story: Story): Promise<void> {
  await waitUntil(
    async () => {
      const { inFlight } = await stack.queueCounts(story.place.queueUrl);
      return inFlight === 0;
    },
    { what: 'the end of all leases', timeoutMs: (VISIBILITY_SECONDS + 5) * 1_000 },
  );
}
