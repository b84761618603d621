import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runProgram } from './support/run-program.ts';
import { startStubEngine } from './support/stub-engine.ts';
import type { StubEngine } from './support/stub-engine.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const RUNNER = join(ROOT, 'node_modules/@pulumi/pulumi/cmd/run/index.js');

let engine: StubEngine | null = null;
afterEach(() => {
  engine?.stop();
  engine = null;
});

/**
 * Starts the program as the language host of the engine does: Pulumi's own runner, the options of `Pulumi.yaml` as
 * variables, the settings as one JSON (Pulumi sources, `pulumi-language-nodejs`).
 */
async function run(input: {
  readonly pwd: string;
  readonly program: string;
  readonly config: Readonly<Record<string, string>>;
}): Promise<{ code: number; output: string; engine: StubEngine }> {
  const started = await startStubEngine();
  engine = started;
  const where = ['--monitor', started.address, '--engine', started.address];
  const what = ['--project', 'sparkify-ingest', '--stack', 'dev', '--pwd', join(ROOT, input.pwd), '--parallel', '16'];
  const config = Object.entries(input.config).map(([name, value]) => [`sparkify-ingest:${name}`, value]);
  const env = {
    PATH: process.env['PATH'] ?? '',
    PULUMI_NODEJS_TYPESCRIPT: await typescriptOption(),
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
  };
  return await new Promise((resolve) => {
    execFile(process.execPath, [RUNNER, ...where, ...what, input.program], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: out + err, engine: started });
    });
  });
}

async function typescriptOption(): Promise<string> {
  const project = parse(await readFile(join(ROOT, 'Pulumi.yaml'), 'utf8')) as {
    readonly runtime: { readonly options: { readonly typescript: boolean } };
  };
  return String(project.runtime.options.typescript);
}

describe("Pulumi's own runner", () => {
  it.each([
    ['in the folder of the project', '.', 'infra/index.ts'],
    ['in the folder of the program', 'infra', 'index.ts'],
  ])('runs the program unchanged %s: all resources, all outputs, no warning', async (_where, pwd, program) => {
    const { code, output, engine: seen } = await run({ pwd, program, config: { alarmEmail: 'ops@example.com' } });
    expect({ code, output, messages: seen.messages }).toEqual({ code: 0, output: '', messages: [] });
    const expected = await runProgram({ config: { alarmEmail: 'ops@example.com' } });
    const names = (of: readonly { type: string; name: string }[]) =>
      of.map(({ type, name }) => `${type} ${name}`).sort();
    expect(names(seen.resources)).toEqual(names(expected.resources));
    expect(seen.outputs()).toMatchObject({ queueUrl: expected.outputs['queueUrl'], schema: 'sparkify' });
  });

  it('shows all wrong settings in one message and creates nothing', async () => {
    const { code, engine: seen } = await run({
      pwd: '.',
      program: 'infra/index.ts',
      config: { nodeCount: '0', alarmEmail: 'ops' },
    });
    expect(code).not.toBe(0);
    expect(seen.messages).toHaveLength(1);
    expect(seen.messages[0]).toContain('2 settings of the stack are wrong');
    expect(seen.messages[0]).toContain('nodeCount: is "0"; expected nodes, a whole number from 1 to 128');
    expect(seen.resources.map(({ type }) => type)).toEqual(['pulumi:pulumi:Stack']);
  });
});
