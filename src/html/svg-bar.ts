import { html } from './html.ts';
import type { Html } from './html.ts';

const HEIGHT = 10;

/**
 * A horizontal bar as inline SVG, as wide as its place. Its colour is the text's `currentColor`. The number beside the bar tells
 * the value, so the bar is hidden from screen readers.
 *
 * @param most the value of a bar over the whole width.
 */
export function svgBar(value: number, most: number): Html {
  const percent = most <= 0 || value <= 0 ? 0 : Math.min(100, (value / most) * 100);
  return html`<svg viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${percent.toFixed(2)}" height="${HEIGHT}" fill="currentColor" />
  </svg>`;
}
