/** A line of a terminal, with its escape sequences, and when it appeared. */
export type TerminalLine = { readonly atMs: number; readonly text: string };

const [COLUMNS, ROWS] = [108, 30];
const [CHARACTER, LINE, MARGIN] = [8.4, 20, 16];
const [WIDTH, HEIGHT] = [COLUMNS * CHARACTER + 2 * MARGIN, ROWS * LINE + 2 * MARGIN];
/** Nobody waits longer for the next line, and the end stays long enough to be read. */
const [LONGEST_GAP_MS, END_MS] = [700, 8_000];

/** Select Graphic Rendition codes that the program uses (ECMA-48, 8.3.117), as attributes of a `tspan`. */
const STYLES: Readonly<Record<string, string>> = {
  1: 'font-weight="bold"',
  2: 'fill="#8b949e"',
  31: 'fill="#ff7b72"',
  32: 'fill="#3fb950"',
  33: 'fill="#d29922"',
  36: 'fill="#39c5cf"',
};

/**
 * A recording as an SVG image that plays again and again: the lines appear one after the other, and scroll. Without animation it
 * shows the end.
 */
export function terminalSvg(lines: readonly TerminalLine[]): string {
  const shownAtMs = withoutLongGaps(lines);
  const totalMs = (shownAtMs.at(-1) ?? 0) + END_MS;
  const percent = (index: number): string => (((shownAtMs[index] ?? 0) / totalMs) * 100).toFixed(2);
  const steps = (name: string, offset: (shown: number) => number): string =>
    `@keyframes ${name}{0%{transform:translateY(${offset(0)}px)}${lines
      .map((_, index) => `${percent(index)}%{transform:translateY(${offset(index + 1)}px)}`)
      .join('')}100%{transform:translateY(${offset(lines.length)}px)}}`;
  const scrolled = (shown: number): number => -Math.max(0, shown - ROWS) * LINE;
  const texts = lines.map(({ text }, index) => `<text y="${(index + 0.75) * LINE}">${spans(text)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" xml:space="preserve" role="img" aria-label="sparkify demo, recorded">
<style>
text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}
#lines{transform:translateY(${scrolled(lines.length)}px)}
#cover{transform:translateY(${lines.length * LINE}px)}
@media (prefers-reduced-motion:no-preference){
#lines{animation:scroll ${totalMs}ms step-end infinite}
#cover{animation:reveal ${totalMs}ms step-end infinite}
}
${steps('scroll', scrolled)}
${steps('reveal', (shown) => shown * LINE)}
</style>
<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#0d1117"/>
<svg x="${MARGIN}" y="${MARGIN}" width="${COLUMNS * CHARACTER}" height="${ROWS * LINE}"><g id="lines">
${texts.join('\n')}
<rect id="cover" width="${WIDTH}" height="${lines.length * LINE}" fill="#0d1117"/>
</g></svg>
</svg>
`;
}

function withoutLongGaps(lines: readonly TerminalLine[]): readonly number[] {
  let shownMs = 0;
  return lines.map(({ atMs }, index) => {
    const gap = atMs - (lines[index - 1]?.atMs ?? atMs);
    shownMs += Math.min(Math.max(gap, 0), LONGEST_GAP_MS);
    return shownMs;
  });
}

/** The pieces between escape sequences, each in its style. */
function spans(text: string): string {
  // eslint-disable-next-line no-control-regex -- an escape sequence begins with the control character
  const pieces = text.slice(0, 4 * COLUMNS).split(/\u001b\[([\d;]*)m/);
  let active: readonly string[] = [];
  return pieces
    .map((piece, index) => {
      if (index % 2 === 0) return piece === '' ? '' : `<tspan ${active.join(' ')}>${escaped(piece)}</tspan>`;
      const styles = piece.split(';').flatMap((code) => STYLES[code] ?? []);
      // Every other code ends styles: 0, 22, 39.
      active = styles.length === 0 ? [] : [...active, ...styles];
      return '';
    })
    .join('')
    .replaceAll('<tspan >', '<tspan>');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
