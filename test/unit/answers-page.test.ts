import { expect, test } from 'vitest';
import { answersPage } from '../../src/analyze/answers-page.ts';
import { ALL_PLAYS } from '../../src/analyze/run-analyze.ts';
import type { Answer } from '../../src/analyze/run-analyze.ts';
import { svgBar } from '../../src/html/svg-bar.ts';

const ASKED = { atMs: Date.UTC(2026, 0, 31, 18, 5), schema: 'sparkify', plays: ALL_PLAYS };

function answer(rows: Answer['rows']): Answer {
  return { name: 'top_songs', question: 'Which songs?', columns: Object.keys(rows[0] ?? {}), rows };
}

test('names that look like markup, and characters that reverse or recolour text, are text in the page', () => {
  const hostile = `</td><script>alert("1")</script>' & \u202Eevil\u001B[31m`;
  const page = answersPage(
    [
      answer([
        { song: hostile, plays: 2 },
        { song: 'b', plays: 1 },
      ]),
    ],
    ASKED,
  );
  expect(page).not.toContain('<script');
  expect(page).toContain(
    '&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; &amp; \\u202eevil\\u001b[31m',
  );
  expect(answersPage([], { ...ASKED, schema: '<b>' })).toContain('Schema &lt;b&gt;');
});

test('the page needs no script and nothing from elsewhere, and allows neither', () => {
  const page = answersPage([answer([{ song: 'a', plays: 1 }])], ASKED);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\bon\w+=|https?:/);
});

test('several rows have a bar beside their plays, the longest over the whole width', () => {
  const page = answersPage(
    [
      answer([
        { song: 'a', plays: 40 },
        { song: 'b', plays: 10 },
      ]),
    ],
    ASKED,
  );
  expect([...page.matchAll(/<rect width="([\d.]+)"/g)].map(([, width]) => width)).toEqual(['100.00', '25.00']);
  expect(page).toContain('<td class="number">40</td>');
});

test.each([
  [
    'without plays',
    [
      { level: 'free', users: 3 },
      { level: 'paid', users: 4 },
    ],
    0,
  ],
  ['a single row, which is shown from top to bottom', [{ plays: 3 }], 0],
  ['no rows', [], 0],
  [
    'plays of 0',
    [
      { level: 'free', plays: 0 },
      { level: 'paid', plays: 0 },
    ],
    2,
  ],
])('%s', (_, rows, bars) => {
  const page = answersPage([answer(rows)], ASKED);
  expect(page.match(/<svg/g) ?? []).toHaveLength(bars);
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

test('the page says which plays it is about, and when it was asked', () => {
  const titles = [
    ALL_PLAYS,
    { sinceMs: Date.UTC(2018, 10, 1), untilMs: null },
    { sinceMs: Date.UTC(2018, 10, 1), untilMs: Date.UTC(2018, 11, 1) },
  ].map((plays) => /<h1>(.*)<\/h1>/.exec(answersPage([], { ...ASKED, plays }))?.[1]);
  expect(titles).toEqual([
    'Plays of all time',
    'Plays since 2018-11-01 00:00 UTC',
    'Plays since 2018-11-01 00:00 UTC until 2018-12-01 00:00 UTC',
  ]);
  expect(answersPage([], ASKED)).toContain('asked at 2026-01-31 18:05 UTC');
});

test('times have no fractions of a second, missing values are a dash', () => {
  const page = answersPage([answer([{ last_play: '2018-11-30 17:02:01.796000', name: null }])], ASKED);
  expect(page).toContain('<td>2018-11-30 17:02:01</td>');
  expect(page).toContain('<td>–</td>');
});

test('a bar stays within its place', () => {
  expect(svgBar(5, 2).markup).toContain('width="100.00"');
  expect(svgBar(-1, 2).markup).toContain('width="0.00"');
});
