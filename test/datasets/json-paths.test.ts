import { describe, expect, it } from 'vitest';
import { LOG_KEYS } from '../../src/datasets/logs/fields.ts';
import { readLogJsonPaths } from '../../src/datasets/logs/json-paths.ts';

const PATHS = LOG_KEYS.map((key) => `$['${key}']`);
const file = (jsonpaths: unknown): string => JSON.stringify({ jsonpaths }, null, 2);
const withPath = (index: number, path: unknown): string =>
  file(PATHS.map((usual, at) => (at === index ? path : usual)));

describe('a JSONPaths file of the logs', () => {
  it('with 18 keys in the usual order says under which name the files have each', () => {
    const asUsual = Object.fromEntries(LOG_KEYS.map((key) => [key, key]));
    expect(readLogJsonPaths(file(PATHS))).toEqual(asUsual);
    expect(readLogJsonPaths(file(LOG_KEYS.map((key) => `$.${key}`)))).toEqual(asUsual);
    expect(readLogJsonPaths(withPath(15, "$['event time.ms']"))).toEqual({ ...asUsual, ts: 'event time.ms' });
    expect(readLogJsonPaths(withPath(17, '$.user'))).toEqual({ ...asUsual, userId: 'user' });
  });

  it.each([
    ['is not JSON', '{"jsonpaths": ['],
    ['lacks the list "jsonpaths"', '[]'],
    ['lacks the list "jsonpaths"', 'null'],
    ['lacks the list "jsonpaths"', '{"paths": []}'],
    ['holds 17 paths', file(PATHS.slice(1))],
    ['holds 19 paths', file([...PATHS, '$.more'])],
    [`has "$['a']['b']" as path 1 (artist), which does not name a key of the event itself`, withPath(0, "$['a']['b']")],
    ['has "$.a.b" as path 2 (auth)', withPath(1, '$.a.b')],
    ['has "$[0]" as path 11 (page)', withPath(10, '$[0]')],
    [`has "$['a'][0]" as path 11 (page)`, withPath(10, "$['a'][0]")],
    ['has "page" as path 11 (page)', withPath(10, 'page')],
    ['has "$" as path 11 (page)', withPath(10, '$')],
    ['has "$.*" as path 11 (page)', withPath(10, '$.*')],
    ['has "" as path 18 (userId)', withPath(17, '')],
    ['has 5 as path 18 (userId)', withPath(17, 5)],
    ['names the key "ARTIST" in the paths 1 and 14', withPath(13, '$.ARTIST')],
  ])('that %s is refused with what is expected', (seen, text) => {
    let refusal: unknown;
    try {
      readLogJsonPaths(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'config_invalid' });
    const { message } = refusal as Error;
    expect(message).toContain(`The JSONPaths file of the logs ${seen}`);
    expect(message).toContain(`Expected {"jsonpaths": […]} with 18 paths of the form $['key'] or $.key`);
  });
});
