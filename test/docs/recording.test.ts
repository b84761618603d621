import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { terminalSvg } from '../../scripts/terminal-svg.ts';

test('text of the terminal is text in the image, in its colours', () => {
  const svg = terminalSvg([{ atMs: 0, text: 'a <b> & \u001b[1m\u001b[36mtitle\u001b[39m\u001b[22m end' }]);
  expect(svg).toContain('<tspan>a &lt;b&gt; &amp; </tspan>');
  expect(svg).toContain('<tspan font-weight="bold" fill="#39c5cf">title</tspan><tspan> end</tspan>');
  expect(svg).not.toContain('\u001b');
});

test('lines appear in their order, and no pause is longer than 0.7 s', () => {
  const svg = terminalSvg([
    { atMs: 5000, text: 'one' },
    { atMs: 5100, text: 'two' },
    { atMs: 65_000, text: 'three' },
  ]);
  expect(svg).toContain('animation:reveal 8800ms');
  const shares = [...svg.matchAll(/([\d.]+)%\{transform:translateY\((\d+)px\)\}/g)].map(([, at, px]) => [at, px]);
  expect(shares.slice(-5)).toEqual([
    ['0', '0'],
    ['0.00', '20'],
    ['1.14', '40'],
    ['9.09', '60'],
    ['100', '60'],
  ]);
});

test('the recording of the README shows the whole story, and nothing in it runs', () => {
  const svg = readFileSync('docs/demo.svg', 'utf8');
  expect(svg).toContain('all tables match a full reload');
  expect(svg).not.toMatch(/<script|<foreignObject|\bon\w+=|href=/);
});
