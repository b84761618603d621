import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { STACK_SETTING_NAMES } from '../../infra/settings/definitions.ts';
import { SETTINGS } from '../../src/app/settings.ts';
import { STACK_OUTPUTS } from '../../src/app/stack-outputs.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import { runProgram } from '../infra/support/run-program.ts';
import { commandsOf, inlineWordsOf, relativeLinksOf } from './commands-in-page.ts';
import type { PageCommand } from './commands-in-page.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['docs/deploy.md', 'docs/security.md'] as const;
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const isSettingName = (name: string): boolean => (STACK_SETTING_NAMES as readonly string[]).includes(name);

/**
 * Commands of programs that are not here to ask, with their flags: Pulumi's CLI reference
 * (pulumi.com/docs/iac/cli/commands) and the AWS CLI reference.
 */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'pulumi login': ['--local'],
  'pulumi stack init': [],
  'pulumi stack output': ['--json'],
  'pulumi stack rm': ['--yes'],
  'pulumi config set': ['--path'],
  'pulumi config rm': [],
  'pulumi preview': ['--diff', '--expect-no-changes', '--refresh'],
  'pulumi up': ['--refresh', '--skip-preview', '--yes'],
  'pulumi destroy': ['--yes'],
  'aws secretsmanager rotate-secret': ['--secret-id'],
  'aws redshift describe-clusters': ['--cluster-identifier', '--query'],
  'aws redshift-serverless get-namespace': ['--namespace-name', '--query'],
  'aws redshift resize-cluster': ['--cluster-identifier', '--number-of-nodes', '--no-classic'],
  'aws redshift delete-cluster-snapshot': ['--snapshot-identifier'],
  'aws resourcegroupstaggingapi get-resources': ['--tag-filters'],
  'aws ecs update-service': ['--cluster', '--service', '--desired-count'],
  'aws ecs wait services-stable': ['--cluster', '--services'],
  'aws ecs describe-services': ['--cluster', '--services', '--query'],
  'aws ecs run-task': ['--cluster', '--task-definition', '--launch-type', '--network-configuration', '--overrides'],
  'aws s3 cp': [],
  'aws s3 rb': ['--force'],
  'aws s3 rm': ['--recursive'],
  'docker buildx build': ['--platform', '--tag', '--push'],
  'docker build': [],
  'git pull': [],
  'npm ci': [],
  'npm pack': [],
};

const stack = await runProgram({ stack: 'dev', config: { alarmEmail: 'data-team@example.com' } });

describe.each(PAGES)('%s', (path) => {
  const page = read(path);
  // A program that is only mentioned is no command yet.
  const commands = commandsOf(page).filter(
    ({ words, inBlock }) => inBlock || words.length > (words[0] === 'npx' ? 2 : 1),
  );

  it('names settings of the stack that there are', () => {
    const named = commands.filter(({ words }) => isConfig(words)).map(({ words }) => settingIn(words));
    expect(named.filter((name) => !isSettingName(name))).toEqual([]);
  });

  it('means a setting or an output of the stack by every name in camel case', () => {
    const camel = inlineWordsOf(page).filter((word) => /^[a-z]+([A-Z][a-z]+)+$/.test(word));
    const outputs = [...Object.keys(stack.outputs), ...Object.keys(STACK_OUTPUTS)];
    expect(camel.filter((name) => !isSettingName(name) && !outputs.includes(name))).toEqual([]);
  });

  it('calls things of the stack "dev" by the names that they have', () => {
    const named = page.match(/\bsparkify-dev[a-z-]*/g) ?? [];
    const inputs = JSON.stringify(stack.resources.map((resource) => resource.inputs));
    expect(named.filter((name) => !inputs.includes(`"${name}"`))).toEqual([]);
  });

  it('asks for the tags that things of the stack "dev" have', () => {
    const tags = [...page.matchAll(/\bKey=(\w+),Values=([\w-]+)/g)].map(([, key = '', value = '']) => [key, value]);
    const provider = stack.resources.find(({ type }) => type === 'pulumi:providers:aws');
    expect(JSON.stringify(provider?.inputs)).toSatisfy((text: string) =>
      tags.every(([key, value]) => text.replaceAll('\\', '').includes(`"${key}":"${value}"`)),
    );
  });

  it('gives settings together that a stack would take', () => {
    for (const [section, blocks] of Map.groupBy(
      commands.filter(({ words, inBlock }) => inBlock && isConfig(words) && words[3] === 'set'),
      (command) => command.section,
    )) {
      const texts = new Map(blocks.map(({ words }) => configText(words)));
      const source = { get: (name: string) => texts.get(name), names: () => [...texts.keys()] };
      expect(() => readSettings(source), section).not.toThrow();
    }
  });

  it('names commands of sparkify and options that they have', async () => {
    const ours = commands.filter((command) => sparkifyWords(command) !== null);
    for (const command of ours) expect(await problemsOf(command), command.words.join(' ')).toEqual([]);
  });

  it('names commands of others and options that they have', () => {
    const others = commands.filter((command) => sparkifyWords(command) === null);
    for (const { words } of others) expect(foreignProblem(words), words.join(' ')).toBeNull();
  });

  it('names settings of the service that there are', () => {
    const named = page.match(/\bSPARKIFY_[A-Z_]+\b/g) ?? [];
    expect(named.filter((name) => !(name in SETTINGS))).toEqual([]);
  });

  it('leads nowhere that is not there', () => {
    const lost = relativeLinksOf(page).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      return !existsSync(join(PROJECT, target)) || (anchor !== undefined && !headingsOf(read(target)).includes(anchor));
    });
    expect(lost).toEqual([]);
  });
});

function isConfig(words: readonly string[]): boolean {
  return words.slice(0, 3).join(' ') === 'npx pulumi config';
}

function settingIn(words: readonly string[]): string {
  const [name = ''] = words.slice(4).filter((word) => !word.startsWith('--'));
  return name.replace(/\[\d+\]$/, '');
}

/** As Pulumi hands it to the program: a list as JSON. */
function configText(words: readonly string[]): readonly [string, string] {
  const [, value = ''] = words.slice(4).filter((word) => !word.startsWith('--'));
  return [settingIn(words), words.includes('--path') ? JSON.stringify([value]) : value];
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

function foreignProblem(words: readonly string[]): string | null {
  if (words[0] === 'export') return null;
  const [first, second] = words;
  if (first === 'npm' && second === 'run') {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    return (words[2] ?? '') in scripts ? null : 'no such script';
  }
  const line = words.slice(first === 'npx' ? 1 : 0).join(' ');
  const name = Object.keys(FOREIGN).find((candidate) => line === candidate || line.startsWith(`${candidate} `));
  if (name === undefined) return 'not known here; look it up and add it';
  const flags = words.filter((word) => word.startsWith('--'));
  const unknown = flags.filter((flag) => FOREIGN[name]?.includes(flag) === false);
  return unknown.length === 0 ? null : `has no ${unknown.join(', ')}`;
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
