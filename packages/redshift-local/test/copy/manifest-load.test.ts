import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucket, startCopyStand } from './copy-stand.ts';
import type { CopyStand } from './copy-stand.ts';

describe('[copy.manifest] COPY of a manifest of JSON files', () => {
  let stand: CopyStand;
  beforeAll(async () => {
    stand = await startCopyStand();
    await stand.client.query('create table staging (artist varchar(20), userid varchar(20), ts varchar(30))');
  });
  afterAll(async () => await stand.stop());

  it('loads every file of the manifest, keys matched without case, numbers as they are written, a key that is not there as NULL', async () => {
    await stand.put('a.json', '{"artist":"Björk","userId":"25","ts":1542672042796.0}\n{"artist":"a\\tb\\\\c\\nd"}\n');
    await stand.put('b c+%.json', '{"artist":null,"ts":1e3,"other":{"artist":"no"}}');
    await stand.putManifest('m.json', ['a.json', 'b c+%.json']);
    const { loadedRows } = await stand.copy('staging', 'm.json', "manifest json 'auto ignorecase'");
    expect(loadedRows).toBe(3);
    expect(await stand.rows('select * from staging')).toEqual([
      { artist: 'Björk', userid: '25', ts: '1542672042796.0' },
      { artist: 'a\tb\\c\nd', userid: null, ts: null },
      { artist: null, userid: null, ts: '1e3' },
    ]);
  });

  it('[copy.twice] loads a file twice that the manifest lists twice', async () => {
    await stand.client.query('truncate staging');
    await stand.put('one.json', '{"artist":"x"}');
    await stand.putManifest('twice.json', ['one.json', 'one.json']);
    expect((await stand.copy('staging', 'twice.json', "manifest json 'auto'")).loadedRows).toBe(2);
  });

  it('fails and loads nothing when a mandatory file is missing, and names the file', async () => {
    await stand.client.query('truncate staging');
    await stand.putManifest('gap.json', ['one.json', 'gone.json']);
    await expect(stand.copy('staging', 'gap.json', "manifest json 'auto'")).rejects.toMatchObject({
      message: 'Mandatory url is not present in manifest file.',
      detail: expect.stringContaining(`s3://${bucket}/gone.json`) as string,
    });
    expect(await stand.rows('select * from staging')).toEqual([]);
  });

  it('takes an entry that does not say so as not mandatory', async () => {
    await stand.client.query('truncate staging');
    const entries = ['one.json', 'gone.json'].map((key) => ({ url: `s3://${bucket}/${key}` }));
    await stand.put('silent.json', JSON.stringify({ entries }));
    expect((await stand.copy('staging', 'silent.json', "manifest json 'auto'")).loadedRows).toBe(1);
  });

  it('skips a missing file that is not mandatory, unless no file is there at all', async () => {
    await stand.putManifest('optional.json', ['one.json', 'gone.json'], false);
    expect((await stand.copy('staging', 'optional.json', "manifest json 'auto'")).loadedRows).toBe(1);
    await stand.putManifest('nothing.json', ['gone.json'], false);
    await expect(stand.copy('staging', 'nothing.json', "manifest json 'auto'")).rejects.toThrow(/No such file/);
  });
});
