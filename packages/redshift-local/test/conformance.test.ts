import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import type { Rule } from '../src/rules/rule.ts';
import { isKept, RULES, switchRulesOff } from '../src/rules/rules.ts';

const PACKAGE = join(import.meta.dirname, '..');
/** Of the project around the package: checks of the statements that it sends, and what clusters answered. */
const RECORDED = join(PACKAGE, '../../test/recorded');
const EVIDENCE = join(PACKAGE, '../../evidence');

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') || name.endsWith('.json'))
    .toSorted()
    .map((name) => join(folder, name));
}

/** The files whose titles carry a rule's id in brackets, by id. */
const tests = new Map<string, Set<string>>();
for (const file of [...filesIn(import.meta.dirname), ...filesIn(RECORDED)]) {
  if (!file.endsWith('.test.ts')) continue;
  for (const [, , id = ''] of readFileSync(file, 'utf8').matchAll(/(['"`])\[([a-z]+(?:\.[a-z0-9-]+)?)\] /g))
    tests.set(id, (tests.get(id) ?? new Set()).add(file));
}

/** A report of a run against a cluster: the rules that the cluster showed, and those that it refuted. */
type Evidence = {
  readonly name: string;
  readonly kind?: string;
  readonly rules?: Readonly<Record<string, 'seen' | 'refuted'>>;
};

const evidence = filesIn(EVIDENCE).map((file): Evidence => ({
  ...(JSON.parse(readFileSync(file, 'utf8')) as Evidence),
  name: relative(EVIDENCE, file).replace(/\.json$/, ''),
}));

function line({ id, kind, rule, source }: Rule): string {
  const files = [...(tests.get(id) ?? [])].map((file) => `\`${relative(PACKAGE, file)}\``).join(', ');
  const seen = evidence.filter(({ rules }) => rules?.[id] === 'seen').map(({ name }) => name);
  const cells = [`\`${id}\``, rule.replaceAll('|', '\\|'), source, kind, files, seen.join(', ')];
  return `| ${cells.map((cell) => (cell === '' ? '–' : cell)).join(' | ')} |`;
}

function page(): string {
  return [
    '# Conformance',
    '',
    'The rules of Amazon Redshift that the stand-in knows, and what it does with each. Written by',
    '`npx vitest run packages/redshift-local/test/conformance.test.ts --update` from `src/rules` and the titles of the tests.',
    '',
    '- _kept_ and _refused_: as documented. _switchable_: kept, although public sources do not prove the rule; `--without <id>` (or',
    '  `withoutRules`) turns it off. _not covered_: the stand-in differs from Redshift.',
    '- `npx vitest run -t <id>` runs the tests of a rule. _Seen on_ names the runs against a cluster that showed the rule.',
    '- `src/data-api/unconfirmed.ts` and `src/copy/convert/unconfirmed.ts` list answers that no public source gives.',
    '',
    '| id | rule | source | here | tests | seen on |',
    '|---|---|---|---|---|---|',
    ...RULES.map(line),
    '',
  ].join('\n');
}

test('CONFORMANCE.md says what the rules and the tests say', async () => {
  await expect(page()).toMatchFileSnapshot('../CONFORMANCE.md');
});

test('every rule has one line, every line but those of what is not covered has a test, and every test has a line', () => {
  const ids = RULES.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(RULES.filter(({ id, kind }) => kind !== 'not covered' && !tests.has(id)).map(({ id }) => id)).toEqual([]);
  expect([...tests.keys()].filter((id) => !ids.includes(id))).toEqual([]);
});

/** What is wrong with a committed report: a rule that a cluster refuted has to be changed in the stand-in. */
function problemsOf({ kind, name, rules }: Evidence): readonly string[] {
  if (rules === undefined || kind === 'stand-in') return [`${name} is not the report of a cluster`];
  return Object.entries(rules).flatMap(([id, result]) => {
    if (!RULES.some((rule) => rule.id === id)) return [`${name} names ${id}, which is not a rule`];
    return result === 'seen' ? [] : [`${name} refutes ${id}`];
  });
}

test('no run against a cluster has refuted a rule', () => {
  expect(evidence.flatMap(problemsOf)).toEqual([]);
  const planted: readonly Evidence[] = [
    { name: '1.0-serverless', kind: 'serverless', rules: { 'pattern.lines': 'seen', 'cast.boolean': 'refuted' } },
    { name: '1.1-serverless', kind: 'serverless', rules: { 'cast.nothing': 'seen' } },
    { name: '1.2-stand-in', kind: 'stand-in', rules: {} },
    { name: '1.3-cut' },
  ];
  expect(planted.flatMap(problemsOf)).toEqual([
    '1.0-serverless refutes cast.boolean',
    '1.1-serverless names cast.nothing, which is not a rule',
    '1.2-stand-in is not the report of a cluster',
    '1.3-cut is not the report of a cluster',
  ]);
});

test('the code asks for switchable rules only, and for all of them; others cannot be switched off', () => {
  const asked = filesIn(join(PACKAGE, 'src')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/isKept\('([^']+)'\)/g)].map(([, id = '']) => id),
  );
  const switchable = RULES.filter(({ kind }) => kind === 'switchable').map(({ id }) => id);
  expect([...new Set(asked)].toSorted()).toEqual(switchable.toSorted());
  expect(() => switchRulesOff(['merge.form'])).toThrow('"merge.form" is not a switchable rule');
  switchRulesOff(['update.equijoin']);
  expect([isKept('update.equijoin'), isKept('cast.boolean')]).toEqual([false, true]);
  switchRulesOff([]);
  expect(isKept('update.equijoin')).toBe(true);
});
