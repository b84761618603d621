import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const spec = readFileSync(join(root, 'docs/SPEC.md'), 'utf8');

/** The numbered promises: everything from `- **I1**` to the next item or paragraph. */
const promises = [...spec.matchAll(/^- \*\*([DICLO]\d+)\*\*((?:.|\n(?!- |\n|#))*)/gm)].map(
  ([, id = '', text = '']) => ({
    id,
    text,
    tests: [...text.matchAll(/`((?:packages\/[^/`]+\/)?test\/[^`]+)`/g)].map(([, path = '']) => path),
  }),
);

describe('docs/SPEC.md', () => {
  it('numbers its identities and orders, invariants, constraints and loop-backs without gaps or doubles', () => {
    for (const letter of ['D', 'I', 'C', 'L', 'O']) {
      const numbers = promises.filter(({ id }) => id.startsWith(letter)).map(({ id }) => Number(id.slice(1)));
      expect(numbers.length).toBeGreaterThan(0);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
  });

  it.each(promises)('$id names the tests that hold it, and they exist', ({ tests, text }) => {
    if (text.includes('by operation, not by a test')) return;
    expect(tests).not.toEqual([]);
    for (const path of tests) expect(existsSync(join(root, path)), path).toBe(true);
  });

  it('leaves at most one loop-back to operation', () => {
    expect(spec.split('by operation, not by a test').length - 1).toBeLessThanOrEqual(1);
  });
});
