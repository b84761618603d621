import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { SETTINGS, SETTING_NAMES } from '../../src/app/settings.ts';
import { STACK_OUTPUTS, stackSettings } from '../../src/app/stack-outputs.ts';
import { runProgram } from './support/run-program.ts';
import type { Run } from './support/run-program.ts';
import { STACKS, STACK_NAMES } from './support/stacks.ts';

/** Settings that no stack gives: each consumer has its own name. */
const OF_NO_STACK = ['SPARKIFY_CONSUMER_NAME', 'SPARKIFY_OPERATOR'];
/** Settings of which a stack has one or the other, or neither. */
const OF_SOME_STACKS = [
  'SPARKIFY_LOG_JSONPATHS',
  'SPARKIFY_CLUSTER_IDENTIFIER',
  'SPARKIFY_WORKGROUP_NAME',
  'SPARKIFY_DB_USER',
  'SPARKIFY_SECRET_ARN',
  'SPARKIFY_READERS',
];

const runs = new Map<string, Run>();
beforeAll(async () => {
  for (const name of STACK_NAMES) runs.set(name, await runProgram({ config: STACKS[name] }));
});

function outputsOf(name: string): Readonly<Record<string, unknown>> {
  return runs.get(name)?.outputs ?? {};
}

/** Through the text of a file, as `pulumi stack output --json` writes it. */
function settingsOf(name: string): Readonly<Record<string, string>> {
  const outputs = JSON.parse(JSON.stringify(outputsOf(name))) as Readonly<Record<string, unknown>>;
  return stackSettings(outputs, 'stack.json');
}

describe('outputs of a stack and settings of the service', () => {
  it('there is an output for every setting, and a setting for every such output', () => {
    expect([...Object.values(STACK_OUTPUTS), ...OF_NO_STACK].sort()).toEqual([...SETTING_NAMES].sort());
  });

  it.each(STACK_NAMES)('%s: gives every setting that its kind has', (name) => {
    const given = Object.keys(settingsOf(name));
    const always = Object.values(STACK_OUTPUTS).filter((setting) => !OF_SOME_STACKS.includes(setting));
    expect(always.filter((setting) => !given.includes(setting))).toEqual([]);
  });

  it.each(STACK_NAMES)('%s: its outputs are settings with which every command runs', (name) => {
    const needs = ['bucket', 'queue', 'warehouse', 'copy', 'batching'] as const;
    const config = readConfig(settingsOf(name), needs);
    expect(config.bucket.name).toBe(outputsOf(name)['bucket']);
    const { logJsonpathsKey: key } = STACKS[name] as { readonly logJsonpathsKey?: string };
    expect(config.bucket.logJsonPaths).toBe(key === undefined ? null : `s3://${config.bucket.name}/${key}`);
    expect(config.warehouse.database).toBe(outputsOf(name)['database']);
  });

  it('gives what consumerEnvironment says, and for the rest the defaults of the service', () => {
    expect(settingsOf('everything turned the other way')).toMatchObject({
      SPARKIFY_LOAD_REST: '4',
      SPARKIFY_LOG_LEVEL: 'debug',
      SPARKIFY_MAX_HELD_FILES: String(SETTINGS.SPARKIFY_MAX_HELD_FILES.default),
    });
  });

  it.each(STACK_NAMES.filter((name) => !name.includes('no consumer')))(
    '%s: its task gets just these settings',
    (name) => {
      const task = runs.get(name)?.resources.find(({ type }) => type.endsWith(':TaskDefinition'));
      const containers = JSON.parse(String(task?.inputs['containerDefinitions'])) as readonly {
        readonly environment: readonly { readonly name: string; readonly value: string }[];
      }[];
      expect(containers.length).toBeGreaterThan(0);
      for (const { environment } of containers) {
        const given = Object.fromEntries(environment.map((variable) => [variable.name, variable.value]));
        const ours = Object.fromEntries(Object.entries(given).filter(([key]) => /^(SPARKIFY_|AWS_REGION)/.test(key)));
        expect(ours).toEqual(settingsOf(name));
      }
    },
  );
});
