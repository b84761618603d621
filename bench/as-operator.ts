import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BuiltProgram } from '../test/support/sparkify-process.ts';

const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/**
 * The built program, started as the image starts it (see the Dockerfile): what a process holds depends on that.
 *
 * @throws Error when it was not built; `npm run bench` builds it.
 */
export function asOperator(): BuiltProgram {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there; "npm run build" makes it.`);
  return {
    command: [
      'env',
      'MALLOC_ARENA_MAX=1',
      process.execPath,
      '--max-semi-space-size=2',
      '--enable-source-maps',
      PROGRAM,
    ],
  };
}
