/**
 * Evaluates CloudWatch Logs filter patterns for JSON events, as far as the patterns of the stack go: comparisons of
 * scalar properties with strings (`*` for anything) by `=` and `!=`, and with numbers by `>=`, joined by `&&` and `||` (CloudWatch Logs user
 * guide, "Filter and pattern syntax", JSON log events).
 *
 * @returns whether the line matches; a line that is not a JSON object never does.
 * @throws Error for a pattern that this does not understand.
 */
export function matchesPattern(pattern: string, line: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(pattern.trim())?.[1];
  if (inner === undefined) throw new Error(`no JSON pattern: ${pattern}`);
  const event = jsonObject(line);
  // && binds stronger than ||. Both stand outside of quotes only, as no pattern here quotes them.
  const alternatives = inner.split('||').map((part) => part.split('&&').map(comparison));
  return event !== null && alternatives.some((all) => all.every((holds) => holds(event)));
}

/** The number that a metric filter adds for a line that matches: `1`, or what a selector such as `$.files` finds. */
export function metricValue(value: string, line: string): number {
  const event = jsonObject(line);
  const found = value.startsWith('$.') && event !== null ? property(event, value) : Number(value);
  if (typeof found !== 'number' || Number.isNaN(found)) throw new Error(`${value} is not a number in ${line}`);
  return found;
}

type Json = Readonly<Record<string, unknown>>;

function comparison(text: string): (event: Json) => boolean {
  const parts = /^\s*(\$(?:\.[\w-]+)+)\s*(=|!=|>=)\s*(?:"([^"]*)"|([\w*]+))\s*$/.exec(text);
  if (parts === null) throw new Error(`not understood: ${text}`);
  const [, selector = '', operator, quoted, bare = ''] = parts;
  const wanted = (quoted ?? bare).split('*').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expected = new RegExp(`^${wanted.join('.*')}$`, 's');
  return (event) => {
    const value = property(event, selector);
    // A selector has to point to a value; otherwise the filter does not apply, whatever the operator.
    if (typeof value !== 'string' && typeof value !== 'number') return false;
    if (operator === '>=') return typeof value === 'number' && value >= Number(bare);
    return expected.test(String(value)) === (operator === '=');
  };
}

function property(event: Json, selector: string): unknown {
  return selector
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), event);
}

function jsonObject(line: string): Json | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
