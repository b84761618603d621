import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import { PLANTED_BUGS } from '../../mutation/planted-bugs.ts';
import { plantIn } from '../../mutation/planted-bug.ts';

test.each(PLANTED_BUGS)('the text of the planted bug stands once in the code: $name', (bug) => {
  const planted = plantIn(readFileSync(bug.file, 'utf8'), bug);
  // A bug that no engine would run shows nothing.
  if (bug.file.endsWith('.ts')) expect(() => stripTypeScriptTypes(planted)).not.toThrow();
  for (const file of bug.caughtBy.kind === 'tests' ? bug.caughtBy.files : []) {
    expect(existsSync(file), `${file} is to notice it`).toBe(true);
  }
});

test('planted bugs have different names', () => {
  expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
});

test('a planted bug whose text is gone fails with its name and what to do', () => {
  const bug = PLANTED_BUGS[0];
  if (bug === undefined) throw new Error('The list is empty.');
  expect(() => plantIn('something else', bug)).toThrow(/occurs 0 times in .* update the bug/s);
  expect(() => plantIn(`${bug.text}\n${bug.text}`, bug)).toThrow(/occurs 2 times/);
});
