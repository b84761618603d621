import { expect, it } from 'vitest';
import { holdLoads } from '../flow/support/held-load.ts';
import { Story } from '../flow/support/story.ts';
import { logLine } from '../support/log-lines.ts';
import type { SparkifyProcess } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = useStack();

/** The shortest that can be set. */
const SETTINGS = { SPARKIFY_VISIBILITY_SECONDS: '10', SPARKIFY_DRAIN_SECONDS: '9', SPARKIFY_LOG_LEVEL: 'debug' };

function events(program: SparkifyProcess, name: string): number {
  return program.logLines().filter(({ event }) => event === name).length;
}

it('a batch that takes longer than the visibility time-out is never loaded by another consumer meanwhile', async () => {
  const story = await Story.begin(stack);
  const held = await holdLoads(story);
  const line = logLine({ sessionId: 1, ts: Date.UTC(2018, 10, 12) });
  const names = ['first', 'second'];
  const programs = names.map((name) => story.start(['consume'], { ...SETTINGS, SPARKIFY_CONSUMER_NAME: name }));
  for (const program of programs)
    await program.waitFor('the start', ({ text }) => text.includes('consumer.started') || undefined);
  await story.put({ key: 'log_data/day.json', body: new TextEncoder().encode(line) });
  await held.reached();
  // Renewed every five seconds: five renewals are two time-outs and a half.
  const renewals = () => programs.map((program) => events(program, 'lease.renewed'));
  await waitUntil(() => Math.max(...renewals()) >= 5, { what: 'five renewals', timeoutMs: 60_000 });
  expect(programs.map((program) => events(program, 'message.received')).toSorted()).toEqual([0, 1]);
  await held.release();
  await waitUntil(async () => (await story.messagesLeft()) === 0, { what: 'an empty queue' });
  const loads = await story.star.rows('select consumer from ingest_batches');
  expect(loads).toHaveLength(1);
  for (const program of programs) {
    program.kill('SIGTERM');
    expect(await program.end).toMatchObject({ code: 0, signal: null });
    expect(events(program, 'lease.lost')).toBe(0);
  }
});
