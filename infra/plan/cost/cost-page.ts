import { COST_EXAMPLES, exampleCost } from './cost-examples.ts';
import type { CostExample } from './cost-examples.ts';
import type { Cost } from './monthly-cost.ts';
import { PRICE_NAMES, PRICES } from './prices.ts';
import type { Price } from './prices.ts';
import { DEFAULT_USAGE, USAGE_NAMES } from './usage.ts';

const MARK = /(<!-- (examples|prices|usage): made by "npm run cost" -->\n)[\s\S]*?(\n<!-- end of \2 -->)/g;

/** `docs/cost.md` with its tables made anew; what stands between them is left as it is. */
export function costPage(page: string): string {
  const tables: Readonly<Record<string, () => string>> = { examples, prices, usage };
  return page.replace(MARK, (_, begin: string, name: string, end: string) => begin + (tables[name]?.() ?? '') + end);
}

/** Dollars as people read them; a part of less than a cent is not nothing. */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.005) return '< 0.01';
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** An estimate as a table: what, how much of it, the unit price, the sum. */
export function costTable({ parts, totalUsd, unpriced }: Cost): string {
  const rows = parts.map(({ what, quantity, price, usd }) => {
    const unit = price === null ? '' : PRICES[price].unit;
    return `| ${what} | ${amount(quantity)} ${unit} | ${price === null ? '–' : `\`${price}\``} | ${usd === null ? '?' : dollars(usd)} |`;
  });
  const least = unpriced.length > 0 ? 'at least ' : '';
  const head = ['| what | quantity a month | price | US$ |', '|---|---|---|---|'];
  return [...head, ...rows, `| **Total** | | | **${least}${dollars(totalUsd)}** |`].join('\n');
}

function examples(): string {
  const costs = COST_EXAMPLES.map((example) => ({ example, cost: exampleCost(example) }));
  const overview = [
    '| example | US$ a month | of it the warehouse | settings |',
    '|---|---|---|---|',
    ...costs.map(({ example, cost }) => {
      const warehouse = cost.parts.filter(({ what }) => what.startsWith('Warehouse')).map(({ usd }) => usd ?? 0);
      const sum = warehouse.reduce((left, right) => left + right, 0);
      return `| ${example.name} | ${dollars(cost.totalUsd)} | ${dollars(sum)} | ${settingsText(example)} |`;
    }),
  ];
  const each = costs.map(({ example, cost }) => `\n### ${example.name}\n\n${example.for}\n\n${costTable(cost)}`);
  return `\n${[...overview, ...each].join('\n')}\n`;
}

function settingsText({ settings, usage }: CostExample): string {
  const pairs = Object.entries(settings).filter(([name]) => name !== 'region');
  const amounts = Object.entries(usage);
  const shown = [...pairs, ...amounts].map(([name, value]) => `\`${name}\` ${String(value)}`);
  return shown.length === 0 ? 'defaults' : shown.join(', ');
}

function prices(): string {
  const rows = PRICE_NAMES.map((name) => {
    const price: Price = PRICES[name];
    const read = price.read === null ? 'no source found' : `[${price.read.on}](${price.read.url})`;
    return `| \`${name}\` | ${price.usd ?? '?'} | ${price.unit} | [AWS](${price.page}) | ${read} |`;
  });
  return `\n${['| name | US$ | for one | page | read where, as of |', '|---|---|---|---|---|', ...rows].join('\n')}\n`;
}

function usage(): string {
  const rows = USAGE_NAMES.map((name) => `| \`${name}\` | ${DEFAULT_USAGE[name]} |`);
  return `\n${['| name | default |', '|---|---|', ...rows].join('\n')}\n`;
}

function amount(quantity: number): string {
  const digits = quantity >= 100 ? 0 : quantity >= 1 ? 1 : 4;
  return quantity.toLocaleString('en-US', { maximumFractionDigits: digits });
}
