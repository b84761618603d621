import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { peakMemoryMB } from '../../bench/peak-memory.ts';
import { Story } from '../flow/support/story.ts';
import { aSong } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import type { Answer } from '../support/fault-proxy.ts';

const stack = useStack();
let story: Story;
let proxy: FaultProxy;

beforeEach(async () => {
  story = await Story.begin(stack);
  proxy = await FaultProxy.start(story.place.environment);
});
afterEach(async () => {
  await proxy.stop();
});

async function put(key: string, body: string): Promise<void> {
  await story.put({ key, body: new TextEncoder().encode(body) });
}

/** The object as it became after its small version was announced. */
function grown(body: Buffer): Answer {
  const headers = {
    'content-length': String(body.byteLength),
    etag: '"grown"',
    'last-modified': new Date().toUTCString(),
  };
  return { status: 200, headers, body };
}

describe.skipIf(peakMemoryMB(process.pid) === null)('the memory of a consumer, as the kernel counts it', () => {
  /** The default memory of a task: `consumerMemoryMB` of the stack. */
  const TASK_MB = 512;

  it('stays within the task’s memory for every change of an object after its notice, and the other songs load', async () => {
    const [songs, huge, wide, full, one] = [5, 2, 20, 1, 2];
    const answers: Readonly<Record<string, Answer>> = {
      huge: grown(Buffer.alloc(100 * MB, ' ')),
      wide: grown(Buffer.alloc(16 * MB, '[')),
      full: grown(Buffer.from('{}'.repeat(60_000))),
      one: grown(Buffer.concat([Buffer.from('{"song_id": "'), Buffer.alloc(64 * MB, 'x')])),
    };
    proxy.decide(async (_effect, forward, incoming) => {
      const kind = /song_data\/(\w+)-/.exec(incoming.url ?? '')?.[1] ?? '';
      const answer = incoming.method === 'GET' ? answers[kind] : undefined;
      if (answer !== undefined) return { kind: 'instead', answer };
      await forward();
      return 'answer';
    });
    const numbered = (kind: string, count: number) =>
      Array.from({ length: count }, (_, n) => `song_data/${kind}-${n}.json`);
    const grownKeys = [
      ...numbered('huge', huge),
      ...numbered('wide', wide),
      ...numbered('full', full),
      ...numbered('one', one),
    ];
    for (const key of grownKeys) await put(key, '{}');
    for (const key of numbered('good', songs)) await put(key, JSON.stringify(aSong({ song_id: key })));

    // As the image starts it.
    const program = story.start(['consume'], { ...proxy.environment, NODE_OPTIONS: '--max-semi-space-size=2' });
    const settled = async () =>
      (await story.star.value<string>('select count(*) from ingest_files')) === String(songs + grownKeys.length);
    await waitUntil(settled, { what: 'every file to be settled', timeoutMs: 150_000 });
    expect(peakMemoryMB(program.pid)).toBeLessThan(TASK_MB);
    const codes = await story.star.rows(
      'select status, error_code, count(*)::int as files from ingest_files group by 1, 2 order by 3',
    );
    expect(codes).toEqual([
      { status: 'loaded', error_code: null, files: songs + full + huge },
      { status: 'quarantined', error_code: 'not_json_objects', files: wide + one },
    ]);
    expect(await story.star.counts()).toMatchObject({ songs });
    program.kill('SIGTERM');
    expect(await program.end).toMatchObject({ code: 0 });
  });
});

const MB = 1024 * 1024;
