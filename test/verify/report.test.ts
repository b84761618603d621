import { expect, test } from 'vitest';
import { renderVerify } from '../../src/cli/render/verify-report.ts';
import type { VerifyReport } from '../../src/verify/run-verify.ts';

const NONE = { count: 0, examples: [] };
const EQUAL: VerifyReport = {
  equal: true,
  logFiles: 2,
  songFiles: 1,
  tables: [],
  unsettled: NONE,
  gone: NONE,
  overwritten: NONE,
  kept: { plays: 0, users: 0, songs: 0 },
  setAside: [],
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
  expect(text).toContain('all five tables are what a full reload of 2 log files and 1 song files gives');
});

test('says nothing of trust when nothing is gone', () => {
  expect(renderVerify(EQUAL)).not.toMatch(/trust|any more|before/);
});
