import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderAnswer } from '../../src/terminal/answers.ts';
import { renderTable } from '../../src/terminal/table.ts';
import { renderVerify } from '../../src/terminal/verify-report.ts';
import { remarked, wrapped } from '../../src/terminal/width.ts';
import { VERBS } from '../../src/cli/verbs.ts';

const WIDTHS = [60, 80] as const;

function longest(text: string): number {
  return Math.max(
    ...stripVTControlCharacters(text)
      .split('\n')
      .map((line) => line.length),
  );
}

const SONGS = [
  ['You’re The One', 'Dwight Yoakam', 37],
  [
    'Horn Concerto No. 4 in E flat K495: II. Romance (Andante cantabile)',
    'Barry Tuckwell/Academy of St Martin-in-the-Fields',
    3,
  ],
].map(([song = '', artist = '', plays = 0]) => ({ song, artist, plays, listeners: plays, in_catalogue: 'no' }));
const ANSWER = {
  name: 'top_songs',
  question: 'Which songs are played most?',
  columns: ['song', 'artist', 'plays', 'listeners', 'in_catalogue'],
  rows: SONGS,
};
const HOURS = {
  ...ANSWER,
  columns: ['hour', 'plays'],
  rows: [
    { hour: 0, plays: 5 },
    { hour: 1, plays: 10 },
  ],
};
const REPORT = {
  equal: false,
  consistent: false,
  part: null,
  quality: [],
  differingKeys: [],
  logFiles: 2,
  songFiles: 1,
  notCompared: { files: 0, rows: 0, examples: [] },
  withoutLineage: { plays: 0, users: 0, songs: 0 },
  quarantined: [],
  unread: [],
  tables: [
    {
      table: 'songplays',
      starRows: 123_456_789,
      reloadRows: 123_456_789,
      starOnly: 12,
      reloadOnly: 0,
      doubleKeys: 0,
      differences: [
        {
          ...{ table: 'songplays', key: 'a'.repeat(32), column: 'user_agent', star: 'x'.repeat(60), reload: 'y' },
          ...{ time: '2018-11-15 00:00:00', user: '8', file: `log_data/2018/11/${'k'.repeat(40)}.json` },
        },
      ],
    },
  ],
};

describe.each(WIDTHS)('in %i columns', (width) => {
  it('a wide table continues its texts in further lines, and loses none of them', () => {
    const text = stripVTControlCharacters(renderAnswer(ANSWER, width));
    expect(longest(text)).toBeLessThanOrEqual(width);
    const letters = (some: string): string =>
      Array.from(some.replaceAll(/[\s█▏▎▍▌▋▊▉]+/g, ''))
        .toSorted()
        .join('');
    expect(letters(text)).toBe(letters(stripVTControlCharacters(renderAnswer(ANSWER, 500))));
  });

  it('the report of verify fits, and its numbers stay whole', () => {
    const text = renderVerify(REPORT, width);
    const tables = text.split('\n').filter((line) => !line.includes('full reload'));
    expect(longest(tables.join('\n'))).toBeLessThanOrEqual(width);
    expect(text).toContain('123,456,789');
  });

  it('sentences break at blanks and keep their indentation', () => {
    const sentence =
      '  Deleted files, and files whose current version cannot be read, cannot be reloaded: https://a.long.address/of/an/object';
    const text = wrapped(sentence, width);
    expect(longest(text)).toBeLessThanOrEqual(width);
    expect(text.split('\n').every((line) => line.startsWith('  ') && !line.startsWith('   '))).toBe(true);
    expect(text.replaceAll(/\s+/g, ' ')).toBe(sentence.replaceAll(/\s+/g, ' '));
  });

  it('the help of every command fits', async () => {
    const silent = { out: () => undefined, err: () => undefined, isTerminal: false };
    for (const { load } of VERBS) {
      const command = (await load())(silent);
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => width });
      command.outputHelp();
      // A command line to copy stays whole.
      const prose = help.split('\n').filter((line) => !line.startsWith('  sparkify '));
      expect(longest(prose.join('\n')), help).toBeLessThanOrEqual(width);
    }
  });
});

it('without a terminal a line has any length', () => {
  const sentence = 'word '.repeat(100);
  expect(wrapped(sentence, Number.POSITIVE_INFINITY)).toBe(sentence);
  expect(longest(renderTable(['key'], [['k'.repeat(500)]], Number.POSITIVE_INFINITY))).toBe(500);
});

it('a bar takes what a table leaves, thirty columns at most, and is left out below ten', () => {
  const bars = (width: number): number => /█*/.exec(renderAnswer(HOURS, width).split('10  ')[1] ?? '')?.[0].length ?? 0;
  expect([120, 40, 24, 20].map(bars)).toEqual([30, 27, 11, 0]);
});

it('a remark stands beside its command where there is room, and above it elsewhere', () => {
  const pairs = [
    ['sparkify demo', 'the whole story'],
    ['sparkify demo --keep', 'the same'],
  ] as const;
  expect(remarked(pairs, 80)).toBe('  sparkify demo          # the whole story\n  sparkify demo --keep   # the same');
  expect(remarked(pairs, 30)).toBe('  # the whole story\n  sparkify demo\n  # the same\n  sparkify demo --keep');
});
