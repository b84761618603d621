import { chmodSync, lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildInFolders } from './build-in-folders.ts';
import { lastList, parseDockerfile } from '../support/parse-dockerfile.ts';
import type { BuiltProgram } from '../support/sparkify-process.ts';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The image in a folder, and how a container of it would start. */
export type BuiltImage = {
  /** The folder that stands for `/app`. */
  readonly app: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `ENTRYPOINT`, as the image's user. */
  readonly program: BuiltProgram;
  /** `CMD`. */
  readonly command: readonly string[];
  /** `HEALTHCHECK`, as the image's user. */
  readonly healthCheck: BuiltProgram;
  remove(): void;
};

/** Builds the image of the project's Dockerfile in a folder and takes the right to write away from everybody. */
export async function buildImage(): Promise<BuiltImage> {
  const stages = parseDockerfile(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-image-'));
  // The image's user must be able to enter; of the folders in it only the image is readable to others anyway.
  chmodSync(folder, 0o755);
  const remove = () => {
    setWritable(folder, true);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { root, workdir, environment } = await buildInFolders({ stages, project: PROJECT, folder });
    setWritable(root, false);
    const listOf = (name: string) => lastList(stages, name);
    const inFolder = (word: string) => (word.startsWith('/') ? join(root, word) : word);
    const started = ([first = '', ...rest]: readonly string[]): BuiltProgram => ({
      command: [join(root, 'usr/local/bin', first), ...rest.map(inFolder)],
      ...imageUser(stages.at(-1)?.instructions.find(({ name }) => name === 'USER')?.text ?? ''),
    });
    return {
      app: join(root, workdir),
      // What a container has: no tools but the image's, and a home that is not there.
      environment: { ...environment, PATH: join(root, 'usr/local/bin'), HOME: '/home/node-is-not-here' },
      program: started(listOf('ENTRYPOINT')),
      command: listOf('CMD'),
      healthCheck: started(listOf('HEALTHCHECK')),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Root may write everywhere, whatever the modes say, so root takes on the image's user; anybody else stays who they are. */
function imageUser(text: string): { user?: { uid: number; gid: number } } {
  if (process.getuid?.() !== 0) return {};
  const [uid = NaN, gid = NaN] = text.split(':').map(Number);
  return { user: { uid, gid } };
}

function setWritable(path: string, writable: boolean): void {
  const { mode } = lstatSync(path);
  if (lstatSync(path).isSymbolicLink()) return;
  chmodSync(path, writable ? mode | 0o200 : mode & ~0o222);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) setWritable(join(path, name), writable);
}
