import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../infra/read-settings.ts';
import { STACK_SETTING_NAMES } from '../../infra/settings/definitions.ts';
import { SETTINGS } from '../../src/app/settings.ts';
import { STACK_OUTPUTS } from '../../src/app/stack-outputs.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import { runProgram } from '../infra/support/run-program.ts';
import { commandsOf, inlineWordsOf, relativeLinksOf } from './commands-in-page.ts';
import type { PageCommand } from './commands-in-page.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['docs/deploy.md', 'docs/security.md', 'docs/runbook.md'] as const;
/** Pages for users and developers; the changelog and the decisions may name what is gone. */
const ALL_PAGES = ['README.md', 'CONTRIBUTING.md', 'docs/*.md', 'packages/*/README.md'].flatMap((pattern) =>
  globSync(pattern, { cwd: PROJECT }),
);
/** Paths that begin with a folder of the project or of a package. */
const PATHS = /(?<![\w./-])(?:bench|docs|infra|mutation|packages|scripts|simulation|sql|src|test)\/[\w./*-]*[\w*/]/g;
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const isSettingName = (name: string): boolean => (STACK_SETTING_NAMES as readonly string[]).includes(name);

const SCRIPTS = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

const stack = await runProgram({ stack: 'dev', config: { alarmEmail: 'data-team@example.com' } });

describe.each(PAGES)('%s', (path) => {
  const page = read(path);
  // A program name alone is not a command.
  const commands = commandsOf(page).filter(
    ({ words, inBlock }) => inBlock || words.length > (words[0] === 'npx' ? 2 : 1),
  );

  it('names only settings that the stack has', () => {
    const named = commands.filter(({ words }) => isConfig(words)).map(({ words }) => settingIn(words));
    expect(named.filter((name) => !isSettingName(name))).toEqual([]);
  });

  it('uses camel case only for settings and outputs of the stack', () => {
    const camel = inlineWordsOf(page).filter((word) => /^[a-z]+([A-Z][a-z]+)+$/.test(word));
    const outputs = [...Object.keys(stack.outputs), ...Object.keys(STACK_OUTPUTS)];
    expect(camel.filter((name) => !isSettingName(name) && !outputs.includes(name))).toEqual([]);
  });

  it('uses the real names of resources of the stack "dev"', () => {
    const named = page.match(/\bsparkify-dev[a-z-]*/g) ?? [];
    const inputs = JSON.stringify(stack.resources.map((resource) => resource.inputs));
    expect(named.filter((name) => !inputs.includes(`"${name}"`))).toEqual([]);
  });

  it('filters by tags that resources of the stack "dev" have', () => {
    const tags = [...page.matchAll(/\bKey=(\w+),Values=([\w-]+)/g)].map(([, key = '', value = '']) => [key, value]);
    const provider = stack.resources.find(({ type }) => type === 'pulumi:providers:aws');
    expect(JSON.stringify(provider?.inputs)).toSatisfy((text: string) =>
      tags.every(([key, value]) => text.replaceAll('\\', '').includes(`"${key}":"${value}"`)),
    );
  });

  it('combines only settings that a stack accepts', () => {
    for (const [section, blocks] of Map.groupBy(
      commands.filter(({ words, inBlock }) => inBlock && isConfig(words) && words[3] === 'set'),
      (command) => command.section,
    )) {
      const texts = configTexts(blocks);
      const source = { get: (name: string) => texts.get(name), names: () => [...texts.keys()] };
      expect(() => readSettings(source), section).not.toThrow();
    }
  });
});

describe.each(ALL_PAGES)('%s', (path) => {
  const page = read(path);
  const commands = commandsOf(page);

  it('names only existing scripts of npm and files of tests', () => {
    const named = commands.flatMap(({ words }) => scriptIn(words));
    expect(named.filter((script) => !(script in SCRIPTS))).toEqual([]);
    const files = commands.filter(({ words }) => words[1] === 'vitest').flatMap(({ words }) => words.slice(2));
    expect(files.filter((word) => word.includes('/') && !existsSync(join(PROJECT, word)))).toEqual([]);
  });

  it('names only existing sparkify commands and options', async () => {
    const ours = commands.filter((command) => (sparkifyWords(command) ?? []).length > 0);
    for (const command of ours) expect(await problemsOf(command), command.words.join(' ')).toEqual([]);
  });

  it('names only settings that the service has', () => {
    const named = page.match(/\bSPARKIFY_[A-Z_]+\b/g) ?? [];
    const known = (name: string): boolean => name in SETTINGS || /^SPARKIFY_(TEST|LOCAL|CONTRACT)_/.test(name);
    expect(named.filter((name) => !known(name))).toEqual([]);
  });

  it('names only existing files and folders', () => {
    const named = page.match(PATHS) ?? [];
    const bases = ['', dirname(path), 'src', 'src/core'].map((base) => join(PROJECT, base));
    expect(named.filter((word) => bases.every((cwd) => globSync(word, { cwd }).length === 0))).toEqual([]);
  });

  it('links only to existing files and headings', () => {
    const lost = relativeLinksOf(page).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      return !existsSync(join(PROJECT, target)) || (anchor !== undefined && !headingsOf(read(target)).includes(anchor));
    });
    expect(lost).toEqual([]);
  });
});

it('README.md has at most 120 lines, and the picture of the whole', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  expect(read('README.md')).toMatch(/^```mermaid\n/m);
});

/** The script of `npm run script` or `npm test`. */
function scriptIn(words: readonly string[]): readonly string[] {
  if (words[0] !== 'npm') return [];
  if (words[1] === 'test') return ['test'];
  const script = words.slice(2).find((word) => !word.startsWith('-'));
  return words[1] === 'run' && script !== undefined ? [script] : [];
}

function isConfig(words: readonly string[]): boolean {
  return words.slice(0, 3).join(' ') === 'npx pulumi config';
}

function settingIn(words: readonly string[]): string {
  const [name = ''] = words.slice(4).filter((word) => !word.startsWith('--'));
  return name.replace(/\[\d+\]$/, '');
}

/** As Pulumi hands them to the program: a list as JSON. */
function configTexts(commands: readonly PageCommand[]): ReadonlyMap<string, string> {
  const lists = Map.groupBy(commands, ({ words }) => settingIn(words));
  return new Map(
    [...lists].map(([name, all]) => {
      const values = all.map(({ words }) => words.slice(4).filter((word) => !word.startsWith('--'))[1] ?? '');
      const isList = all.some(({ words }) => words.includes('--path'));
      return [name, isList ? JSON.stringify(values) : (values.at(-1) ?? '')];
    }),
  );
}

/** The words after `sparkify`, `null` for another program's command. */
function sparkifyWords({ words }: PageCommand): readonly string[] | null {
  if (words[0] === 'sparkify') return words.slice(1);
  return words[0] === 'npx' && words[1] === 'sparkify' ? words.slice(2) : null;
}

async function problemsOf(command: PageCommand): Promise<readonly string[]> {
  const [name = '', ...rest] = sparkifyWords(command) ?? [];
  const verb = VERBS.find((candidate) => candidate.name === name);
  if (verb === undefined) return [`there is no ${name}`];
  const silent = { out: () => undefined, err: () => undefined, isTerminal: false };
  const known = (await verb.load())(silent).options.map(({ long }) => long);
  return rest.filter((word) => word.startsWith('--') && !known.includes(word));
}

/** As GitHub makes anchors of headings. */
function headingsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
