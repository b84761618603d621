import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LOG_KEYS } from '../../src/datasets/logs/fields.ts';
import { logLine } from '../support/log-lines.ts';
import { useStack } from '../support/stack.ts';
import { Story } from './support/story.ts';

const stack = useStack();
const SAMPLE = new URL('../../../shared/data/sparkify/log_json_path.json', import.meta.url);
const renamed = (key: string): string => `the ${key.toUpperCase()} of it`;
const RENAMED = JSON.stringify({ jsonpaths: LOG_KEYS.map((key) => `$['${renamed(key)}']`) });
/** A play under other keys, with decoys under the usual ones. */
const RENAMED_LINE = JSON.stringify({
  ...Object.fromEntries(
    Object.entries(JSON.parse(logLine({ sessionId: 7, ts: Date.UTC(2018, 10, 12) })) as Record<string, unknown>).map(
      ([key, value]) => [renamed(key), value],
    ),
  ),
  ts: 'never',
  page: 'Home',
});
const body = (text: string): Uint8Array => new TextEncoder().encode(text);

it('a JSONPaths file in S3 or on disk maps logs with other keys, and an invalid one is refused', async () => {
  const story = await Story.begin(stack);
  const inS3 = `s3://${story.place.bucket}/config/paths.json`;
  await story.put({ key: 'config/paths.json', body: body(`\ufeff${RENAMED}`) });
  await story.put({ key: 'log_data/renamed.json', body: body(RENAMED_LINE) });
  await story.consumeAll({ SPARKIFY_LOG_JSONPATHS: inS3 });
  expect(await story.star.rows('select session_id, user_id, start_time::text from songplays')).toEqual([
    { session_id: '7', user_id: '53', start_time: '2018-11-12 00:00:00' },
  ]);

  await story.put({
    key: 'log_data/usual.json',
    body: body(logLine({ sessionId: 8, ts: Date.UTC(2018, 10, 13) })),
  });
  const here = await story.run(['backfill'], { SPARKIFY_LOG_JSONPATHS: SAMPLE.pathname });
  expect(here, here.stderr).toMatchObject({ code: 0 });
  expect(await story.star.value('select count(*) from songplays where session_id = 8')).toBe('1');

  await story.put({
    key: 'config/short.json',
    body: body(readFileSync(SAMPLE, 'utf8').replace('"$[\'artist\']",', '')),
  });
  for (const [verb, setting, seen, expected] of [
    ['consume', inS3.replace('paths', 'nobody'), 'which does not exist', 'Upload the JSONPaths file'],
    ['backfill', '/nowhere/paths.json', 'which cannot be read (ENOENT', 'Correct the path'],
    ['verify', inS3.replace('paths', 'short'), 'holds 17 paths', 'Expected {"jsonpaths": […]} with 18 paths'],
  ] as const) {
    const end = await story.run([verb], { SPARKIFY_LOG_JSONPATHS: setting });
    expect(end, end.stderr).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toContain(seen);
    expect(end.stderr).toContain(expected);
    expect(end.stderr).toContain(setting);
    expect(end.stderr).toContain('or unset the setting if the logs have the usual keys. [config_invalid]');
  }
  const scheme = await story.run(['consume'], { SPARKIFY_LOG_JSONPATHS: 'https://example.com/paths.json' });
  expect(scheme, scheme.stderr).toMatchObject({ code: 2 });
  expect(scheme.stderr).toContain('expected s3://bucket/key or the path of a local file');
});
