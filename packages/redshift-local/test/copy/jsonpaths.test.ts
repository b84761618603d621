import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucket, startCopyStand } from './copy-stand.ts';
import type { CopyStand } from './copy-stand.ts';

describe('[copy.jsonpaths] COPY with a JSONPaths file', () => {
  let stand: CopyStand;
  beforeAll(async () => {
    stand = await startCopyStand();
    await stand.client.query('create table places (city varchar(20), first varchar(20), tags varchar(50))');
  });
  afterAll(async () => {
    await stand.stop();
  });
  const load = async (paths: unknown, data: string) => {
    await stand.put('paths.json', typeof paths === 'string' ? paths : JSON.stringify({ jsonpaths: paths }));
    await stand.put('data/places.json', data);
    await stand.client.query('truncate places');
    await stand.copy('places', 'data/places.json', `json 's3://${bucket}/paths.json'`);
    return await stand.rows('select * from places');
  };

  it('takes nested members and elements in both notations, arrays as rows, and a missing member as NULL', async () => {
    const expected = [{ city: 'Rom', first: '1.0', tags: '[1.0,{"x":"y z"}]' }];
    const data = '{"tags": [1.0, {"x": "y z"}], "at": {"city": "Rom"}}';
    expect(await load(["$['at']['city']", "$['tags'][0]", "$['tags']"], data)).toEqual(expected);
    expect(await load(['$.at.city', '$.tags[0]', '$.tags'], data)).toEqual(expected);
    expect(await load(['$[1]', '$[0][0]', '$[0]'], '[["a"], "b"]')).toEqual([{ city: 'b', first: 'a', tags: '["a"]' }]);
    expect(await load(['$.at.city', '$.at.zip', '$.none'], data)).toEqual([{ city: 'Rom', first: null, tags: null }]);
  });

  it('fails the row whose array is too short, with the text of the documentation', async () => {
    await expect(load(['$.a', '$.tags[2]', '$.b'], '{"tags":[1,2]}')).rejects.toThrow(
      /Load into table 'places' failed/,
    );
    expect(
      await stand.rows('select trim(error_message) as text from sys_load_error_detail where query_id = $1', [
        stand.sysQueryId(),
      ]),
    ).toEqual([{ text: 'Invalid JSONPath format: Not an array or index out of range.' }]);
  });

  it('behaves as auto when the file has another key, and refuses every other file', async () => {
    expect(await load('{"jsonpath":["$.a"]}', '{"city":"Rom"}')).toEqual([{ city: 'Rom', first: null, tags: null }]);
    await expect(load(['$.a'], '{}')).rejects.toThrow(/JSONPath size: 1, Number of columns in table or column list: 3/);
    await expect(load('{"jsonpaths":["$.a"]} {}', '{}')).rejects.toThrow(/exactly one JSON object/);
    await expect(load(['$.a', '', '$.b'], '{}')).rejects.toThrow(/non-empty string/);
    await expect(load(['$.a', '$..b', '$.c'], '{}')).rejects.toThrow(/Invalid JSONPath format/);
    await expect(load(['$.a', "$['b']", '$.c'], '{}')).rejects.toThrow(/mixed/);
  });
});
