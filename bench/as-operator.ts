import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lastList, parseDockerfile, variables } from '../test/support/parse-dockerfile.ts';
import type { BuiltProgram } from '../test/support/sparkify-process.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/**
 * The built program, started as the Dockerfile says: what a process holds depends on that.
 *
 * @throws Error when it was not built; `npm run bench` builds it.
 */
export function asOperator(): BuiltProgram {
  const stages = parseDockerfile(readFileSync(`${PROJECT}Dockerfile`, 'utf8'));
  const [, ...words] = lastList(stages, 'ENTRYPOINT').map((word) => word.replace(/^\/app\//, PROJECT));
  const program = words.at(-1) ?? '';
  if (!existsSync(program)) throw new Error(`${program} is not there; "npm run build" makes it.`);
  const set =
    stages
      .at(-1)
      ?.instructions.filter(({ name }) => name === 'ENV')
      .map(variables) ?? [];
  const assigned = Object.entries(Object.assign({}, ...set) as Record<string, string>);
  return { command: ['env', ...assigned.map(([name, value]) => `${name}=${value}`), process.execPath, ...words] };
}
