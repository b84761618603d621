import { execFile } from 'node:child_process';
import { cpSync, copyFileSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { dockerIgnore } from './docker-ignore.ts';
import { productionPackages } from './production-packages.ts';
import { variables } from '../support/parse-dockerfile.ts';
import type { Instruction, Stage } from '../support/parse-dockerfile.ts';

/** A stage that was built: `root` is its file system as far as instructions wrote to it. */
export type BuiltStage = { readonly root: string; readonly workdir: string; readonly environment: Environment };
type Environment = Readonly<Record<string, string>>;

/**
 * Does what the Dockerfile says without Docker: every stage is an empty folder, the last one gets the base image's Node, `COPY`
 * copies what `.dockerignore` lets through, `RUN` runs. One step is not repeated: `npm ci` with the development
 * dependencies, for which the checkout's own stand in, which are of the same lock file.
 *
 * @returns the last stage.
 */
export async function buildInFolders(input: {
  stages: readonly Stage[];
  project: string;
  folder: string;
}): Promise<BuiltStage> {
  const ignored = dockerIgnore(readFileSync(join(input.project, '.dockerignore'), 'utf8'));
  const built = new Map<string, BuiltStage>();
  let last: BuiltStage | null = null;
  for (const [index, stage] of input.stages.entries()) {
    let now: BuiltStage = { root: join(input.folder, `stage-${index}`), workdir: '/', environment: {} };
    mkdirSync(now.root);
    for (const instruction of stage.instructions) {
      if (instruction.name === 'WORKDIR') {
        now = { ...now, workdir: resolve(now.workdir, instruction.text) };
        mkdirSync(join(now.root, now.workdir), { recursive: true });
      } else if (instruction.name === 'ENV')
        now = { ...now, environment: { ...now.environment, ...variables(instruction) } };
      else if (instruction.name === 'COPY') copy(instruction, now, { built, project: input.project, ignored });
      else if (instruction.name === 'RUN') await run(instruction.text, now, input.project);
    }
    if (stage.name !== null) built.set(stage.name, now);
    last = now;
  }
  if (last === null) throw new Error('The Dockerfile has no stage.');
  addNode(last.root);
  return last;
}

/** What the base image brings. A copy: the checkout's own may lie where the image's user may not look. */
function addNode(root: string): void {
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  copyFileSync(process.execPath, join(root, 'usr/local/bin/node'));
}

function copy(
  { text, flags }: Instruction,
  stage: BuiltStage,
  context: { built: ReadonlyMap<string, BuiltStage>; project: string; ignored: (path: string) => boolean },
): void {
  const words = text.split(/\s+/);
  const to = words.at(-1) ?? '';
  const other = flags['from'] === undefined ? undefined : context.built.get(flags['from']);
  if (flags['from'] !== undefined && other === undefined) throw new Error(`unknown stage ${flags['from']}`);
  const from = other?.root ?? context.project;
  for (const word of words.slice(0, -1)) {
    const source = join(from, word);
    const target = join(stage.root, resolve(stage.workdir, to));
    const isFolder = statSync(source).isDirectory();
    // A folder's content is copied, not the folder; a file goes into a target that ends in "/".
    const destination = isFolder || !to.endsWith('/') ? target : join(target, basename(source));
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(source, destination, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => other !== undefined || path === source || !context.ignored(relative(from, path)),
    });
    if (other === undefined && context.ignored(relative(from, source))) throw new Error(`.dockerignore hides ${word}`);
  }
}

async function run(command: string, stage: BuiltStage, project: string): Promise<void> {
  const cwd = join(stage.root, stage.workdir);
  if (/^npm ci\b/.test(command) && !command.includes('--omit=dev')) {
    symlinkSync(join(project, 'node_modules'), join(cwd, 'node_modules'));
    return;
  }
  if (/^npm ci\b/.test(command)) await installProductionPackages(command, cwd, project);
  else await sh(command, cwd);
}

/**
 * Really installs. npm finds the packages in its cache after the `npm ci` that made this checkout, or asks the registry.
 * Where it has neither, the production packages of the lock file are copied from the checkout: the same set.
 */
async function installProductionPackages(command: string, cwd: string, project: string): Promise<void> {
  try {
    await sh(`${command} --prefer-offline --fetch-retries=0`, cwd);
  } catch (error) {
    if (!/ENOTFOUND|ENOTCACHED|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH/.test(String(error))) throw error;
    process.stderr.write('npm has neither cache nor network: production packages are copied from the checkout\n');
    for (const path of productionPackages(project).keys()) {
      cpSync(join(project, path), join(cwd, path), { recursive: true, filter: (file) => !file.includes('/.cache') });
    }
  }
}

async function sh(command: string, cwd: string): Promise<void> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(?!config_)|NODE_)/.test(name)),
  );
  await promisify(execFile)('sh', ['-c', command], { cwd, env: environment });
}
