import { expect, test } from 'vitest';
import { renderVerify } from '../../src/terminal/verify-report.ts';
import type { VerifyReport } from '../../src/verify/report.ts';

const EQUAL: VerifyReport = {
  equal: true,
  consistent: true,
  part: null,
  logFiles: 2,
  songFiles: 1,
  tables: [],
  notCompared: { files: 0, rows: 0, examples: [] },
  withoutLineage: { plays: 0, users: 0, songs: 0 },
  quarantined: [],
  unread: [],
  quality: [],
  differingKeys: [],
};

test('lists deleted and unreadable files with their rows, and says which values are not compared', () => {
  const text = renderVerify({
    ...EQUAL,
    notCompared: {
      files: 22,
      rows: 1234,
      examples: [
        { key: 'log_data/a.json', fate: 'gone', rows: 1200 },
        { key: 'log_data/b.json', fate: 'unread', rows: 3 },
      ],
    },
  });
  expect(text).toMatch(
    /22 settled files cannot be reloaded; the star has 1,234 rows [^]*number and checksum[^]*the values [^]*:\n {2}log_data\/a\.json: /,
  );
  expect(text).toContain('  log_data/a.json: is no longer in the bucket, 1,200 rows\n');
  expect(text).toContain('  log_data/b.json: its current version cannot be read, 3 rows\n  … and 20 more\n');
  expect(text).toContain('a full reload of 2 log files and 1 song file, except the values of 1,234 rows\n');
});

test('counts rows without a file, with the remedy', () => {
  const text = renderVerify({ ...EQUAL, withoutLineage: { plays: 1200, users: 3, songs: 1 } });
  expect(text).toMatch(/without their source file: 1,200 plays, 3 users and 1 song\. "sparkify backfill --reload"/);
});

test('omits both when every file exists', () => {
  expect(renderVerify(EQUAL)).toMatch(/^[^]*equal[^:]*: all tables match a full reload of [^,]*\n$/);
  expect(renderVerify(EQUAL)).not.toMatch(/values|source file|no longer/);
});

test('names files that could not be read, and excepts them from the verdict unless they are quarantined', () => {
  const bad = { key: 'log_data/bad.json', reason: 'is not JSON' };
  expect(renderVerify({ ...EQUAL, quarantined: [bad] })).toMatch(
    /Quarantined.*:\n {2}log_data\/bad\.json: is not JSON\n[^]*song file\n$/,
  );
  const unread = Array.from({ length: 22 }, (_, n) => ({ key: `song_data/${n}.json`, reason: 'Access Denied' }));
  expect(renderVerify({ ...EQUAL, unread })).toMatch(
    /Could not be read.*:\n {2}song_data\/0\.json: Access Denied\n[^]*… and 2 more\n[^]*except the contents of 22 objects that could not be read\n$/,
  );
});

test('has the remedy for objects that the ledger does not know', () => {
  const counts = { starRows: 3, reloadRows: 5, starOnly: 0, reloadOnly: 2, doubleKeys: 0 };
  const text = renderVerify({
    ...EQUAL,
    equal: false,
    consistent: false,
    tables: [{ table: 'ingest_files', ...counts, differences: [] }],
  });
  expect(text).toContain('"sparkify backfill"');
  expect(text).toMatch(/different from a full reload of .*: ingest_files\n$/);
});

test('a part is consistent, never equal, and says where the other rows come from', () => {
  const part = { prefix: 'log_data/', sinceMs: null, untilMs: null, dayMs: null };
  expect(renderVerify({ ...EQUAL, equal: false, part })).toMatch(
    /^consistent: all tables match a reload of 2 log files and 1 song file[^]*taken from the warehouse\n$/m,
  );
});

test('shows the checks of the data that found something, and how many failed', () => {
  const counts = [
    { what: 'users.user_id', found: 2 },
    { what: 'songs.song_id', found: 0 },
  ];
  const text = renderVerify({
    ...EQUAL,
    quality: [{ title: 'Is every key unique?', threshold: 0, counts, outcome: 'failed' }],
  });
  expect(text).toMatch(/failed +Is every key unique\? +users\.user_id +2 +0\n/);
  expect(text).not.toContain('songs.song_id');
  expect(text).toMatch(/; 1 quality check failed \(docs\/runbook\.md: repair a difference\)\n$/);
});
