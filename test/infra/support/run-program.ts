import { createRequire } from 'node:module';
import { configText } from './settings-source.ts';
import { mockState } from './mock-state.ts';
import type { StackConfig } from './settings-source.ts';

export const ACCOUNT = '123456789012';

/** A resource as the program asked the engine for it. */
export type Resource = {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Where in the inputs the engine keeps values as secrets, such as `registries.0.password`. */
  readonly secretPaths: readonly string[];
  /** Those of the properties at the top. */
  readonly secretInputs: readonly string[];
  /** URNs of what must be there first: named outright, or because a property comes from it. */
  readonly dependencies: readonly string[];
  readonly parent: string;
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
};

export type Run = {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Calls that ask AWS something in order to plan; there must be none. */
  readonly invokes: readonly string[];
};

export type RunInput = {
  readonly config?: StackConfig;
  readonly stack?: string;
  /** As `pulumi preview`: nothing is known of what does not exist yet. */
  readonly preview?: boolean;
};

/**
 * Runs the whole program against Pulumi's runtime mocks: the code and the settings of a real run, and made-up answers
 * where AWS would answer. Each run has a state of its own, so that runs do not see one another.
 *
 * @throws whatever the program throws, e.g. SettingsError.
 */
export async function runProgram({ config = {}, stack = 'dev', preview = false }: RunInput = {}): Promise<Run> {
  const { program } = await import('../../../infra/program.ts');
  const resources: Resource[] = [];
  const invokes: string[] = [];
  // Pulumi asks for the stack of every promise, and vitest maps each frame: half of the time of a run.
  Error.stackTraceLimit = 0;
  return await state
    .withLocalStorage(async () => {
      const monitor = recordingMonitor(resources, invokes);
      await mocks.setMocks(NO_MOCKS, PROJECT, stack, preview);
      settings.setMockOptions(monitor, PROJECT, stack, preview);
      const texts = Object.entries(config).map(([name, value]): [string, string] => [
        `${PROJECT}:${name}`,
        configText(value),
      ]);
      runtimeConfig.setAllConfig(Object.fromEntries(texts));
      // An error inside would also surface on its own, as a rejection that nobody handles.
      const failures: unknown[] = [];
      const put = await runtime.runInPulumiStack(() => {
        try {
          return program();
        } catch (error) {
          failures.push(error);
          return {};
        }
      });
      await settings.waitForRPCs();
      if (failures.length > 0) throw failures[0];
      return { resources, outputs: (await plain(put)) as Readonly<Record<string, unknown>>, invokes };
    })
    .finally(() => {
      Error.stackTraceLimit = STACK_TRACE_LIMIT;
    });
}

const STACK_TRACE_LIMIT = Error.stackTraceLimit;

const PROJECT = 'sparkify-ingest';
const NO_MOCKS = { newResource: () => ({ id: '', state: {} }), call: () => ({}) };

// The parts of Pulumi's runtime that its own mocks and its own language server are made of. They are CommonJS without
// types of their own; what is used of them is typed here.
const require = createRequire(import.meta.url);
type Request = {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
  getPropertydependenciesMap(): { forEach(each: (value: { getUrnsList(): string[] }) => void): void };
};
type Callback = (error: unknown, answer: { getUrn(): string } | undefined) => void;
type MockArgs = { type: string; name: string; inputs: Record<string, unknown>; token?: string };
type MockMonitor = { registerResource(request: Request, callback: Callback): Promise<void> };
const mocks = require('@pulumi/pulumi/runtime/mocks.js') as {
  MockMonitor: new (mocks: {
    newResource(args: MockArgs): { id: string; state: Record<string, unknown> };
    call(args: MockArgs): Record<string, unknown>;
  }) => MockMonitor;
  setMocks(mocks: unknown, project: string, stack: string, preview: boolean): Promise<void>;
};
const settings = require('@pulumi/pulumi/runtime/settings.js') as {
  setMockOptions(monitor: MockMonitor, project: string, stack: string, preview: boolean): void;
  waitForRPCs(): Promise<void>;
};
const state = require('@pulumi/pulumi/runtime/state.js') as {
  withLocalStorage<T>(run: () => Promise<T>): Promise<T>;
};
const runtime = require('@pulumi/pulumi/runtime/stack.js') as {
  runInPulumiStack(program: () => unknown): Promise<unknown>;
};
const runtimeConfig = require('@pulumi/pulumi/runtime/config.js') as {
  setAllConfig(config: Record<string, string>): void;
};
const outputs = require('@pulumi/pulumi/output.js') as { output(value: unknown): { promise(): Promise<unknown> } };

async function plain(value: unknown): Promise<unknown> {
  return await outputs.output(value).promise();
}

function recordingMonitor(resources: Resource[], invokes: string[]): MockMonitor {
  class Recording extends mocks.MockMonitor {
    override async registerResource(request: Request, callback: Callback): Promise<void> {
      await super.registerResource(request, (error, answer) => {
        if (answer !== undefined) resources.push(recorded(request, answer.getUrn()));
        callback(error, answer);
      });
    }
  }
  return new Recording({
    newResource: (args) => mockState(args),
    call: (args) => {
      invokes.push(args.token ?? '');
      return { userName: 'AWS', password: 'a token for the image registry' };
    },
  });
}

function recorded(request: Request, urn: string): Resource {
  const raw = request.getObject().toJavaScript();
  const dependencies = new Set(request.getDependenciesList());
  request.getPropertydependenciesMap().forEach((urns) => {
    for (const dependency of urns.getUrnsList()) dependencies.add(dependency);
  });
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    inputs: Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, unwrapped(value)])),
    secretPaths: secretPaths(raw),
    secretInputs: Object.keys(raw).filter((key) => secretPaths(raw[key]).length > 0),
    dependencies: [...dependencies],
    parent: request.getParent(),
    provider: request.getProvider(),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

/** Pulumi marks secrets on the wire with this key (Pulumi SDK, `runtime/rpc`). */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

function isSecret(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET;
}

function unwrapped(value: unknown): unknown {
  if (isSecret(value)) return unwrapped((value as { value: unknown }).value);
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

function secretPaths(value: unknown, path: readonly string[] = []): readonly string[] {
  if (isSecret(value)) return [path.join('.')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => secretPaths(inner, [...path, key]));
}
