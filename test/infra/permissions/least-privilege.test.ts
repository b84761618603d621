import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { VERBS } from '../../../src/cli/verbs.ts';
import type { Asked } from './support/asked.ts';
import type { PlacedPolicy } from './support/decide.ts';
import { demandsOn } from './support/demands.ts';
import { denied, letThrough, superfluous, tooBroad } from './support/examine.ts';
import type { Demands } from './support/examine.ts';
import { examinedStack } from './support/examined-stack.ts';
import type { ExaminedStack } from './support/examined-stack.ts';
import { recordCommands } from './support/record-commands.ts';
import type { Recording } from './support/record-commands.ts';
import { startRecordedWorld } from './support/recorded-world.ts';
import type { RecordedWorld } from './support/recorded-world.ts';
import { STACKS } from './support/stacks.ts';
import { FOREIGN_POLICIES, ownersPolicies } from './support/strangers.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let world: RecordedWorld;
let recordings: readonly Recording[];
beforeAll(async () => {
  world = await startRecordedWorld();
  recordings = await recordCommands(world);
});
afterAll(async () => {
  await world.stop();
});

/** Files whose calls need permissions of the person who runs a command (`doctor`, `backfill --enqueue`, `dead-letters`, `cluster`), and none of the service. */
const OF_A_PERSON = [
  'src/aws/surroundings.ts',
  'src/aws/queue-feed.ts',
  'src/aws/send-messages.ts',
  'src/aws/dead-letter-queue.ts',
  'src/aws/redshift-cluster.ts',
  'src/aws/caller-identity.ts',
];

describe('the recording', () => {
  it('has every command that talks to AWS', () => {
    const notOfTheService = ['demo', 'local', 'doctor', 'dead-letters', 'cluster'];
    const verbs = VERBS.map(({ name }) => name).filter((name) => !notOfTheService.includes(name));
    expect(new Set(recordings.map(({ verb }) => verb))).toEqual(new Set(verbs));
  });

  it('has every call that the program can make', () => {
    const recorded = new Set(recordings.flatMap(({ operations }) => [...operations]));
    const imported = sourcesOf('src/{aws,app,cli,consumer,loaders}/**/*.ts')
      .filter(({ path }) => !OF_A_PERSON.includes(path))
      .flatMap(({ text }) => [...text.matchAll(/new (\w+)Command\(/g)].map(([, operation = '']) => operation))
      .filter((operation) => operation !== '');
    expect(imported.length).toBeGreaterThan(10);
    expect(imported.filter((operation) => !recorded.has(operation))).toEqual([]);
  });

  it('shows no process that asks about a statement of another', () => {
    expect(recordings.flatMap(({ foreignStatements }) => foreignStatements)).toEqual([]);
  });

  it('shows writing and deleting below the work prefix only, but for the command that generates data', () => {
    const service = recordings.filter(({ verb }) => verb !== 'generate');
    for (const writing of ['s3:PutObject', 's3:DeleteObject']) {
      const keys = keysOf(service.flatMap(({ program }) => program).filter(({ action }) => action === writing));
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((key) => !key.startsWith('sparkify-work/'))).toEqual([]);
    }
  });

  it('shows COPY reading work files, and doing nothing else', () => {
    const copied = recordings.flatMap(({ copy }) => copy);
    expect(new Set(copied.map(({ action }) => action))).toEqual(new Set(['s3:GetObject', 's3:ListBucket']));
    expect(keysOf(copied).filter((key) => !key.startsWith('sparkify-work/'))).toEqual([]);
  });
});

describe.each(Object.entries(STACKS))('the policies of %s', (_name, config) => {
  let stack: ExaminedStack;
  let policies: readonly PlacedPolicy[];
  let demands: Demands;
  beforeAll(async () => {
    stack = await examinedStack(config);
    policies = [...stack.policies, ...ownersPolicies(stack), ...FOREIGN_POLICIES];
    demands = demandsOn(stack, recordings);
  });

  it('allow every call that was recorded, and those that AWS makes for it', async () => {
    expect(demands.needed.length).toBeGreaterThan(30);
    expect(await denied(demands, policies, stack)).toEqual([]);
  });

  it('refuse strangers, and what is more than the work of a role', async () => {
    expect(demands.forbidden.length).toBeGreaterThan(60);
    expect(await letThrough(demands, policies, stack)).toEqual([]);
  });

  it('have no action, resource or condition that could be taken away without anybody noticing', async () => {
    expect(await superfluous(demands, policies, stack)).toEqual([]);
  });

  it('name each action, and each resource that has a name', async () => {
    expect(await tooBroad(policies)).toEqual([]);
  });
});

function keysOf(all: readonly Asked[]): readonly string[] {
  return all.flatMap(({ on }) => (on.kind === 'object' ? [on.key] : []));
}

function sourcesOf(pattern: string): readonly { path: string; text: string }[] {
  const top = fileURLToPath(new URL('../../..', import.meta.url));
  return globSync(pattern, { cwd: top }).map((path) => ({ path, text: readFileSync(`${top}/${path}`, 'utf8') }));
}
