import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { DEFINITIONS, STACK_SETTING_NAMES } from '../../../infra/settings/definitions.ts';

type Project = {
  readonly name: string;
  readonly main: string;
  readonly runtime: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const project = parse(readFileSync(new URL('../../../Pulumi.yaml', import.meta.url), 'utf8')) as Project;

describe('Pulumi.yaml', () => {
  it('declares every setting that the program reads, and no other', () => {
    expect(Object.keys(project.config)).toEqual(STACK_SETTING_NAMES);
  });

  it.each(STACK_SETTING_NAMES)('declares %s with the type, default and description of the program', (name) => {
    const { type, description, default: fallback } = DEFINITIONS[name];
    const items = type === 'array' ? { items: { type: 'string' } } : {};
    expect(project.config[name]).toEqual({ type, ...items, description, default: fallback ?? '' });
  });

  it('gives every setting a default, because the CLI would ask for a value without one', () => {
    const without = Object.entries(project.config).filter(([, declared]) => declared['default'] === undefined);
    expect(without).toEqual([]);
  });

  it('names an existing entry, and leaves TypeScript to Node', () => {
    expect(existsSync(new URL(`../../../${project.main}`, import.meta.url))).toBe(true);
    expect(project.runtime).toEqual({ name: 'nodejs', options: { typescript: false, packagemanager: 'npm' } });
  });
});
