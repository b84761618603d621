import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/app/operator-name.ts';
import { countedRows, tooLarge } from '../../src/core/loading/retraction.ts';
import type { Retraction } from '../../src/core/loading/retraction.ts';

function aPlan({ files, plays, rowsInAll }: { files: number; plays: number; rowsInAll: number }): Retraction {
  const planned = `versions ${files} 123, songplays ${plays - 1} 1, users 0 2, time 3 0`;
  const objects = Array.from({ length: files }, (_, n) => ({ bucket: 'b', key: `k${n}`, status: 'live', rows: 1 }));
  return { dataset: 'logs', objects, tables: countedRows(planned), rowsInAll, planned };
}

describe('a retraction', () => {
  it('has its counts by table', () => {
    expect(countedRows('versions 1 9, songplays 50 1, time 2 0')).toEqual([
      { table: 'songplays', removed: 50, changed: 1 },
      { table: 'time', removed: 2, changed: 0 },
    ]);
  });

  it('of more than 100 files, or of more than a tenth of the rows, needs --max-files', () => {
    expect(tooLarge(aPlan({ files: 100, plays: 100, rowsInAll: 1_000 }), null)).toBeNull();
    expect(tooLarge(aPlan({ files: 101, plays: 100, rowsInAll: 1_000 }), null)).toMatch(/--max-files 101 allows it/);
    expect(tooLarge(aPlan({ files: 1, plays: 101, rowsInAll: 1_000 }), null)).toMatch(
      /101 of the 1000 rows of songplays/,
    );
    expect(tooLarge(aPlan({ files: 101, plays: 900, rowsInAll: 1_000 }), 101)).toBeNull();
    expect(tooLarge(aPlan({ files: 3, plays: 1, rowsInAll: 1_000 }), 2)).toMatch(/3 files, .*--max-files 2/);
  });

  it('does not count files that have no rows any more', () => {
    const plan = aPlan({ files: 101, plays: 10, rowsInAll: 1_000 });
    const objects = plan.objects.map((object, n) => (n === 0 ? { ...object, status: 'retracted' } : object));
    expect(tooLarge({ ...plan, objects }, null)).toBeNull();
  });
});

it.each([
  ['arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com', 'ann@example.com'],
  ['arn:aws:iam::123456789012:user/people/ann', 'ann'],
  ['arn:aws:iam::123456789012:root', 'root'],
])('the operator of %s is %s', (arn, name) => {
  expect(nameOf(arn)).toBe(name);
});
