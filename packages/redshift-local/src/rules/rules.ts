import type { Rule } from './rule.ts';
import { RULES_OF_COPY } from './rules-of-copy.ts';
import { RULES_OF_STATEMENTS } from './rules-of-statements.ts';
import { RULES_OF_THE_API } from './rules-of-the-api.ts';
import { RULES_OF_VALUES } from './rules-of-values.ts';

/** All rules: CONFORMANCE.md lists them, and tests carry their ids. */
export const RULES: readonly Rule[] = [
  ...RULES_OF_THE_API,
  ...RULES_OF_VALUES,
  ...RULES_OF_STATEMENTS,
  ...RULES_OF_COPY,
];

const switchable = new Set(RULES.filter(({ kind }) => kind === 'switchable').map(({ id }) => id));
const off = new Set<string>();

/**
 * Turns rules off in this process, and all others on.
 *
 * @throws Error for an id that is not that of a switchable rule.
 */
export function switchRulesOff(ids: readonly string[]): void {
  const unknown = ids.find((id) => !switchable.has(id));
  if (unknown !== undefined)
    throw new Error(`"${unknown}" is not a switchable rule; CONFORMANCE.md lists them: ${[...switchable].join(', ')}`);
  off.clear();
  for (const id of ids) off.add(id);
}

/** Whether the stand-in keeps a switchable rule. */
export function isKept(id: string): boolean {
  return !off.has(id);
}
