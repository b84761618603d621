import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseCopy, runCopy } from '../../src/copy/run-copy.ts';
import { bucket, role, startCopyStand } from './copy-stand.ts';
import type { CopyStand } from './copy-stand.ts';

const failed = "Load into table 'plays' failed.  Check 'sys_load_error_detail' system table for details.";

describe('COPY that meets errors', () => {
  let stand: CopyStand;
  beforeAll(async () => {
    stand = await startCopyStand();
  });
  afterAll(async () => {
    await stand.stop();
  });
  beforeEach(async () => {
    await stand.client.query(
      'drop table if exists plays; create table plays (song varchar(5), length numeric(6,2), id int not null)',
    );
  });
  const count = async () => Number((await stand.rows<{ count: string }>('select count(*) from plays'))[0]?.count);

  it('[copy.errors] loads nothing, and tells file, line, column, code and value in views that outlive the rollback', async () => {
    await stand.put('bad.json', '{"id":1,"song":"ok"}\n{"id":2,\n "song":"zu lang ü"}\n{"id":3}');
    await expect(stand.copy('plays', 'bad.json', 'json')).rejects.toMatchObject({ message: failed, sqlState: 'XX000' });
    expect(await count()).toBe(0);
    const queryId = stand.lastQueryId();
    expect(
      await stand.rows('select * from sys_load_error_detail where query_id = $1', [stand.sysQueryId(queryId)]),
    ).toMatchObject([
      {
        query_id: String(stand.sysQueryId(queryId)),
        transaction_id: '7',
        session_id: 3,
        database_name: 'dev'.padEnd(64),
        file_name: `s3://${bucket}/bad.json`.padEnd(256),
        line_number: '3',
        column_name: 'song'.padEnd(127),
        column_type: 'varchar'.padEnd(10),
        column_length: '5'.padEnd(10),
        error_code: 1204,
        error_message: 'String length exceeds DDL length'.padEnd(512),
      },
    ]);
    expect(await stand.rows('select * from stl_load_errors where query = $1', [queryId])).toMatchObject([
      {
        line_number: '3',
        colname: 'song'.padEnd(127),
        err_code: 1204,
        raw_field_value: 'zu lang .'.padEnd(1024),
        raw_line: '{"id":2,. "song":"zu lang .."}'.padEnd(1024),
        start_offset: '21',
      },
    ]);
    expect(
      await stand.rows(
        'select status, error_count, loaded_rows, table_name from sys_load_history where query_id = $1',
        [stand.sysQueryId(queryId)],
      ),
    ).toEqual([{ status: 'aborted', error_count: '1', loaded_rows: '0', table_name: 'plays' }]);
  });

  it('[ids.sys-views] gives a query an id in the SYS views that is not the id of the Data API and of the STL views', async () => {
    await stand.put('id.json', '{"id":"x"}');
    await expect(stand.copy('plays', 'id.json', 'json')).rejects.toThrow(failed);
    const ids = await stand.rows<{ query: number; query_id: string }>(
      'select query, query_id from stl_load_errors join sys_load_error_detail on session = session_id where query = $1 and query_id = $2',
      [stand.lastQueryId(), stand.sysQueryId()],
    );
    expect(ids.length).toBeGreaterThan(0);
  });

  it('[copy.maxerror] skips fewer errors than MAXERROR and fails at as many', async () => {
    await stand.put('two.json', '{"id":1}\n{"id":"x"}\n{"id":2},\n{"id":3}');
    expect((await stand.copy('plays', 'two.json', 'json maxerror 3')).loadedRows).toBe(3);
    const skipped = stand.lastQueryId();
    expect(
      await stand.rows('select line_number, error_code from sys_load_error_detail where query_id = $1', [
        stand.sysQueryId(skipped),
      ]),
    ).toEqual([
      { line_number: '2', error_code: 1207 },
      { line_number: '3', error_code: 1216 },
    ]);
    await expect(stand.copy('plays', 'two.json', 'json maxerror 2')).rejects.toThrow(failed);
    expect((await stand.copy('plays', 'two.json', 'json ignoreallerrors')).loadedRows).toBe(3);
    expect(await count()).toBe(6);
  });

  it('names the file in the views by its URL, multibyte characters too, cut at 256 bytes', async () => {
    const key = `${'ä'.repeat(150)}.json`;
    await stand.put(key, '{"id":"x"}');
    await expect(stand.copy('plays', key, 'json')).rejects.toThrow(failed);
    const [row] = await stand.rows<{ file: string }>(
      'select trim(file_name) as file from sys_load_error_detail where query_id = $1',
      [stand.sysQueryId()],
    );
    expect(row?.file).toBe(`s3://${bucket}/${'ä'.repeat(119)}`);
    expect(
      await stand.rows('select trim(file_name) as file from sys_load_detail where query_id = $1', [stand.sysQueryId()]),
    ).toEqual([row]);
  });

  it('[copy.malformed] refuses a file whose last document is cut off', async () => {
    await stand.put('cut.json', '{"id":1}\n{"id":2');
    await expect(stand.copy('plays', 'cut.json', 'json')).rejects.toThrow(failed);
  });

  it('refuses a whole array as one row under auto', async () => {
    await stand.put('array.json', '[{"id":1},{"id":2}]');
    await expect(stand.copy('plays', 'array.json', 'json')).rejects.toThrow(failed);
    expect(
      await stand.rows('select error_code, line_number from sys_load_error_detail where query_id = $1', [
        stand.sysQueryId(),
      ]),
    ).toEqual([{ error_code: 1216, line_number: '1' }]);
  });

  it('[copy.rollback] is rolled back with the transaction it runs in, with what pg_last_copy_id tells', async () => {
    await stand.put('good.json', '{"id":1}');
    const before = await stand.rows('select pg_last_copy_id()');
    await stand.client.query('begin');
    await stand.client.query('insert into plays (id) values (9)');
    const sql = `copy plays from 's3://${bucket}/good.json' iam_role '${role}' json`;
    expect(await runCopy(parseCopy(sql), stand.context())).toEqual({ loadedRows: 1 });
    expect(await count()).toBe(2);
    await stand.client.query('rollback');
    expect(await count()).toBe(0);
    expect(await stand.rows('select pg_last_copy_id()')).toEqual(before);
  });

  it('[copy.history] writes the history, the files and the last copy of the session', async () => {
    await stand.put('h/1.json', '{"id":1}\n{"id":2}\n');
    await stand.put('h/2.json', '{"id":3}');
    const { queryId } = await stand.copy('plays', 'h/', 'json');
    expect(await stand.rows('select pg_last_copy_id() as id, pg_last_copy_count() as rows')).toEqual([
      { id: queryId, rows: '3' },
    ]);
    expect(
      await stand.rows(
        'select status, loaded_rows, source_file_count, file_format, data_source, end_time >= start_time as ordered from sys_load_history where query_id = $1',
        [stand.sysQueryId(queryId)],
      ),
    ).toEqual([
      {
        status: 'completed',
        loaded_rows: '3',
        source_file_count: 2,
        file_format: 'json',
        data_source: `s3://${bucket}/h/`,
        ordered: true,
      },
    ]);
    expect(
      await stand.rows(
        'select trim(file_name) as file, lines_scanned, bytes_scanned from sys_load_detail where query_id = $1 order by 1',
        [stand.sysQueryId(queryId)],
      ),
    ).toEqual([
      { file: `s3://${bucket}/h/1.json`, lines_scanned: 2, bytes_scanned: 18 },
      { file: `s3://${bucket}/h/2.json`, lines_scanned: 1, bytes_scanned: 8 },
    ]);
    expect(await stand.rows('select lines_scanned from stl_load_commits where query = $1', [queryId])).toHaveLength(2);
  });

  it('[copy.noload] counts nothing as loaded under NOLOAD and still finds the errors', async () => {
    await stand.put('good.json', '{"id":1}');
    expect((await stand.copy('plays', 'good.json', 'json noload')).loadedRows).toBe(0);
    expect(await count()).toBe(0);
    await stand.put('bad.json', '{"id":"x"}');
    await expect(stand.copy('plays', 'bad.json', 'json noload')).rejects.toThrow(failed);
  });

  it('[copy.compression] reads GZIP and ZSTD, and says so when a file is neither', async () => {
    await stand.put('c.gz', Buffer.concat([gzipSync('{"id":1}\n'), gzipSync('{"id":2}\n')]));
    await stand.put('c.zst', zstdCompressSync('{"id":3}'));
    await stand.put('plain.json', '{"id":4}');
    await stand.copy('plays', 'c.gz', 'json gzip');
    await stand.copy('plays', 'c.zst', 'json zstd');
    expect(await stand.rows('select id from plays order by id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await expect(stand.copy('plays', 'plain.json', 'json gzip')).rejects.toThrow(
      /Failed to decompress s3:.*plain.json/,
    );
  });

  it('[copy.encoding] reads UTF16 by its byte order mark and refuses a UTF-8 mark as characters between documents', async () => {
    await stand.put('utf16.json', Buffer.from('\ufeff{"id":1,"song":"é"}', 'utf16le'));
    await stand.copy('plays', 'utf16.json', 'json encoding utf16');
    expect(await stand.rows('select song from plays')).toEqual([{ song: 'é' }]);
    await stand.put('marked.json', '\ufeff{"id":1}');
    await expect(stand.copy('plays', 'marked.json', 'json')).rejects.toThrow(failed);
  });

  it('[copy.texts] names what is missing: table, column, role, bucket, prefix, manifest', async () => {
    await stand.put('good.json', '{"id":1}');
    await stand.put('manifest.txt', 'entries');
    await stand.put('entry.json', '{"entries":[{"url":"b/k"}]}');
    const attempts: [string, string, string, object, string][] = [
      ['nothing', 'good.json', 'json', {}, 'Cannot COPY into nonexistent table nothing'],
      ['plays (id, nr)', 'good.json', 'json', {}, 'column "nr" of relation "plays" does not exist'],
      [
        'plays',
        'good.json',
        'json',
        { attachedRoleArns: [] },
        'User arn:aws:redshift:us-east-1:000000000000:dbuser:a-cluster/awsuser is not authorized to assume IAM Role arn:aws:iam::000000000000:role/copy',
      ],
      ['plays', 'gone/', 'json', {}, "The specified S3 prefix 'gone/' does not exist"],
      [
        'plays',
        'gone.manifest',
        'json manifest',
        {},
        'Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey',
      ],
      ['plays', 'goo', 'json manifest', {}, 'COPY with MANIFEST parameter requires full path of an Amazon S3 object.'],
      ['plays', 'manifest.txt', 'json manifest', {}, 'Manifest file is not in correct json format'],
      ['plays', 'entry.json', 'json manifest', {}, 'Manifest file is not in correct json format'],
    ];
    for (const [table, key, tail, context, message] of attempts) {
      await expect(stand.copy(table, key, tail, context)).rejects.toMatchObject({ name: 'RedshiftError', message });
    }
  });

  it("passes PostgreSQL's own refusal of a row on, early and late in the stream, and leaves a session that can go on", async () => {
    await stand.client.query('alter table plays add constraint small check (id < 5)');
    await stand.put('late.json', '{"id":5}');
    await stand.put('early.json', '{"id":5}\n'.repeat(300_000));
    for (const file of ['late.json', 'early.json']) {
      await expect(stand.copy('plays', file, 'json')).rejects.toMatchObject({ code: '23514', constraint: 'small' });
      expect(await count()).toBe(0);
    }
  });

  it('[copy.cancel] stops within a file when it is cancelled and leaves a usable session', async () => {
    await stand.put('long.json', '{"id":1}\n'.repeat(200_000));
    const cancel = new AbortController();
    const load = stand.copy('plays', 'long.json', 'json', { signal: cancel.signal });
    const outcome = expect(load).rejects.toMatchObject({ sqlState: '57014' });
    const running = `select from sys_load_history where status = 'running'`;
    await vi.waitUntil(async () => (await stand.pool.query(running)).rowCount === 1, { timeout: 20_000 });
    cancel.abort();
    await outcome;
    expect(await count()).toBe(0);
  });
});
