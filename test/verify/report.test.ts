import { expect, test } from 'vitest';
import { renderVerify } from '../../src/cli/render/verify-report.ts';
import type { VerifyReport } from '../../src/verify/run-verify.ts';

const NONE = { count: 0, examples: [] };
const EQUAL: VerifyReport = {
  equal: true,
  logFiles: 2,
  songFiles: 1,
  tables: [],
  gone: NONE,
  overwritten: NONE,
  kept: { plays: 0, users: 0, songs: 0 },
  setAside: [],
  unread: [],
};

test('names files that are gone or were overwritten, and says how much is on trust because of them', () => {
  const text = renderVerify({
    ...EQUAL,
    gone: { count: 22, examples: ['log_data/a.json'] },
    overwritten: { count: 1, examples: ['log_data/b.json'] },
    kept: { plays: 1200, users: 3, songs: 1 },
  });
  expect(text).toMatch(/not in the bucket any more.*:\n {2}log_data\/a\.json\n {2}… and 21 more\n/);
  expect(text).toMatch(/another version was loaded before.*:\n {2}log_data\/b\.json\n/);
  expect(text).toMatch(/On trust.*: 1,200 plays, 3 users and 1 songs/);
  expect(text).toContain('all tables are what a full reload of 2 log files and 1 song files gives\n');
});

test('says nothing of trust when nothing is gone', () => {
  expect(renderVerify(EQUAL)).not.toMatch(/trust|any more|before/);
});

test('names files that could not be read, and excepts them from the verdict unless the ledger set them aside', () => {
  const aside = { key: 'log_data/bad.json', reason: 'is no JSON' };
  expect(renderVerify({ ...EQUAL, setAside: [aside] })).toMatch(
    /Set aside.*:\n {2}log_data\/bad\.json: is no JSON\n[^]*gives\n$/,
  );
  const unread = Array.from({ length: 22 }, (_, n) => ({ key: `song_data/${n}.json`, reason: 'Access Denied' }));
  expect(renderVerify({ ...EQUAL, unread })).toMatch(
    /Could not be read.*:\n {2}song_data\/0\.json: Access Denied\n[^]*… and 2 more\n[^]*except what 22 objects hold that could not be read\n$/,
  );
});

test('says what to do about objects that the ledger does not know', () => {
  const counts = { starRows: 3, reloadRows: 5, starOnly: 0, reloadOnly: 2, doubleKeys: 0 };
  const text = renderVerify({
    ...EQUAL,
    equal: false,
    tables: [{ table: 'ingest_files', ...counts, differences: [] }],
  });
  expect(text).toContain('"sparkify backfill"');
  expect(text).toMatch(/different from a full reload of .*: ingest_files\n$/);
});
