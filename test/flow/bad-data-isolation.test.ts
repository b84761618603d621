import { expect, test, vi } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { stagingCopies } from './support/staging-copies.ts';

// A hundred thousand errors are written down one by one.
vi.setConfig({ testTimeout: 180_000 });

const FILES = 200;
const stack = useStack();

/** 200 log files of one play each, some of them broken by their number; what a load of them makes. */
async function loadBroken(
  loading: Loading,
  breakIt: (play: string, number: number) => string | null,
  key = (number: number) => `log_data/${number}.json`,
): Promise<{ quarantined: number; plays: number; copies: readonly string[] }> {
  const files = await Promise.all(
    Array.from({ length: FILES }, (_, index) => {
      const play = lines(aPlay({ sessionId: index }));
      return loading.put(key(index), breakIt(play, index) ?? play);
    }),
  );
  const outcome = await loading.load('logs', files);
  const counts = await loading.counts();
  return {
    quarantined: outcome.files.filter(({ status }) => status === 'quarantined').length,
    plays: counts['songplays'] ?? 0,
    copies: await stagingCopies(loading, outcome.batchId),
  };
}

test.each([1, 40, 150, 199])(
  '%d bad files of 200 cost two COPYs more than none, and the others are loaded',
  async (badFiles) => {
    const loading = await startLoading(stack);
    // Spread over the batch: 7 and 200 have no common divisor.
    const isBad = (number: number) => (number * 7) % FILES < badFiles;
    const loaded = await loadBroken(loading, (play, number) => (isBad(number) ? `${play}{"page": ` : null));
    expect(loaded).toEqual({
      quarantined: badFiles,
      plays: FILES - badFiles,
      copies: ['load aborted', 'check completed', 'load completed'],
    });
  },
);

test('bad files of different kinds in one batch are found by the same COPYs', async () => {
  const loading = await startLoading(stack);
  const kinds = [
    () => '[]',
    (play: string) => `${play}\u0000`,
    (play: string) => play.replace('Read', 'R\\u0000'),
    (play: string) => play.slice(0, -20),
    () => `{"userAgent": "${'x'.repeat(65_536)}"}`,
  ];
  const loaded = await loadBroken(loading, (play, number) => kinds[number]?.(play) ?? null);
  expect(loaded).toEqual({
    quarantined: kinds.length,
    plays: FILES - kinds.length,
    copies: ['load aborted', 'check completed', 'load completed'],
  });
});

test('a file with more errors than COPY counts does not hide the bad files behind it', async () => {
  const loading = await startLoading(stack);
  const endless = 'no json\n'.repeat(60_000);
  const loaded = await loadBroken(loading, (_, number) => (number === 3 ? endless : number === 190 ? '}' : null));
  expect(loaded).toMatchObject({ quarantined: 2, plays: FILES - 2 });
  expect(loaded.copies.length - 1).toBeLessThanOrEqual(3);
});

test('bad files whose names the error view cuts off are found by halving', async () => {
  const loading = await startLoading(stack);
  const folder = `log_data/${'long/'.repeat(60)}`;
  const loaded = await loadBroken(
    loading,
    (play, number) => (number === 20 || number === 120 ? `${play}}` : null),
    (number) => `${folder}${number}.json`,
  );
  expect(loaded).toMatchObject({ quarantined: 2, plays: FILES - 2 });
  // Two searches of a depth of eight, two probes a level.
  expect(loaded.copies.length).toBeLessThanOrEqual(3 + 2 * 2 * 8);
  expect(loaded.copies.at(-1)).toBe('load completed');
  const set = await loading.rows(
    "select object_key, error_code, line_number::int as line from ingest_files where status = 'quarantined' order by object_key",
  );
  expect(set).toEqual(
    ['120', '20'].map((name) => ({
      object_key: `${folder}${name}.json`,
      error_code: 'copy_1216',
      line: 2,
    })),
  );
});
