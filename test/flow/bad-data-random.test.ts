import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aPlay, aSong } from '../support/log-events.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';

const ROWS = 3_000;
const stack = useStack();

/** JSON texts of values that have hurt loaders before. */
const ODD = [
  ...['null', 'true', 'false', '0', '-0', '1e400', '-1e400', '1e-400', '0.1e1', '1E5', '5.', '00012'].map(
    quoteIfNoJson,
  ),
  ...[
    '""',
    '" "',
    '"NaN"',
    '"Infinity"',
    '"0x1F"',
    '" 5"',
    '"5 "',
    '"5\\n"',
    '"+5"',
    '"-1"',
    '"٣"',
    '"1_000"',
    '"1,5"',
  ],
  ...['9999999999999', '99999999999999', '999999999999999999', '9999999999999999999', '999999999', '9999999999'],
  ...[
    '99999.99999',
    '99999.999994',
    '99999.999995',
    '"99999.99999999999999999999"',
    '"1.000000000000000000001"',
    '".5"',
    '"5."',
  ],
  ...['999', '-999.99999999999999999', '9999', '{}', '[]', '{"a": [1, {"b": null}]}', '["x"]'],
  ...[
    '"a \\"b\\" \\\\ c"',
    '"\\u00fc\\ud83d\\ude00"',
    '"^ ~ | \' -- ; $$ :x {{y}}"',
    '"\\u0001\\u001f\\u007f\\u0085\\u2028"',
    '"\\t\\r"',
  ],
  ...[16, 17, 64, 65, 256, 257, 512, 513, 1024, 1025, 2048, 2049].flatMap((n) => [
    text('x', n),
    text('ü', n / 2),
    text('😀', n / 4),
  ]),
];

function quoteIfNoJson(value: string): string {
  return /^(?:5[.]|000)/.test(value) ? JSON.stringify(value) : value;
}

function text(character: string, times: number): string {
  return JSON.stringify(character.repeat(Math.ceil(times)));
}

/** A row of which most values are as they should be, so that each odd one meets the checks behind the others, too. */
function oddRows(usual: object): readonly string[] {
  const value = (fine: unknown) =>
    fc.oneof(
      { weight: 12, arbitrary: fc.constant<string | null>(JSON.stringify(fine)) },
      { weight: 1, arbitrary: fc.constantFrom<string | null>(...ODD) },
      { weight: 1, arbitrary: fc.constant(null) },
    );
  const row = fc.tuple(
    ...Object.entries(usual).map(([key, fine]) => value(fine).map((shown) => [key, shown] as const)),
  );
  return fc.sample(row, { numRuns: ROWS, seed: 4 }).map((members) => {
    const there = members.filter(([, shown]) => shown !== null);
    return `{${there.map(([key, shown]) => `${JSON.stringify(key)}: ${shown ?? ''}`).join(', ')}}\n`;
  });
}

test('with any content in log and song rows the batch is loaded, each row is accounted for, and a full reload agrees', async () => {
  const place = await stack.place({ notifiedPrefixes: [] });
  const loading = await startLoading(stack, place);
  // Identities differ, so that plays can be counted.
  const logs = oddRows(aPlay()).map((row, number) => row.replace('"sessionId": 594', `"sessionId": ${number}`));
  const songs = oddRows(aSong()).map((row, number) => row.replace('SOREADMYMIND', `SO${number}`));
  const loadedSongs = await loading.load('songs', [await loading.put('song_data/odd.json', songs.join(''))]);
  const loadedLogs = await loading.load('logs', [await loading.put('log_data/odd.json', logs.join(''))]);

  expect(loadedSongs.counts.staged).toBe(ROWS);
  expect(loadedLogs.counts.staged).toBe(ROWS);
  const kept = await loading.rows(
    `select dataset, count(*)::int as n, count(object_key)::int as placed from rejected_rows group by 1 order by 1`,
  );
  expect(kept).toEqual([
    { dataset: 'logs', n: loadedLogs.counts.rejected, placed: loadedLogs.counts.rejected },
    { dataset: 'songs', n: loadedSongs.counts.rejected, placed: loadedSongs.counts.rejected },
  ]);
  const { songplays = 0 } = await loading.counts();
  expect(songplays).toBeGreaterThan(ROWS / 10);
  expect(songplays).toBeLessThan(ROWS - loadedLogs.counts.rejected + 1);
  const verified = await runSparkify({ args: ['verify'], environment: place.environment });
  expect(verified, verified.stdout).toMatchObject({ code: 0 });
});
