import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FORBIDDEN_PHRASES } from './plain-words.ts';

const PROJECT = join(import.meta.dirname, '../..');
const PAGES = ['*.md', 'docs/**/*.md', 'packages/*/*.md'].flatMap((pattern) => globSync(pattern, { cwd: PROJECT }));

it('the list of forbidden phrases has at most twelve', () => {
  expect(FORBIDDEN_PHRASES.length).toBeLessThanOrEqual(12);
});

it.each(PAGES)('%s has none of the forbidden phrases outside code and quotations', (path) => {
  expect(forbiddenIn(readFileSync(join(PROJECT, path), 'utf8'))).toEqual([]);
});

it('a phrase is found over a line break, and not in code or in a quotation', () => {
  expect(forbiddenIn('a number\nthat is\nno number')).toEqual(['line 2: instead, "is not a …", or say what it is']);
  expect(forbiddenIn('`is no number`, "is no\nnumber", there is no number\n```\nis no number\n```\n')).toEqual([]);
});

/** One sentence for each forbidden phrase of a page. */
function forbiddenIn(page: string): readonly string[] {
  const prose = [/^```[\s\S]*?^```/gm, /`[^`]+`/g, /"(?:[^"\n]|\n(?!\n))*"/g, /“[^”]*”/g].reduce(
    (text, quotation) => text.replaceAll(quotation, (quoted) => quoted.replaceAll(/[^\n]/g, '-')),
    page,
  );
  return FORBIDDEN_PHRASES.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(new RegExp(pattern.replaceAll(' ', String.raw`\s+`), 'gi'))].map(
      ({ index }) => `line ${prose.slice(0, index).split('\n').length}: instead, ${instead}`,
    ),
  );
}
