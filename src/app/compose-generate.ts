import { bucketWriter } from '../generate/write-generated.ts';
import { openParts } from './compose.ts';
import { processEnvironment, readConfig } from './config.ts';
import type { WriteFile } from '../generate/write-generated.ts';

export type GenerateTarget = {
  readonly write: WriteFile;
  readonly prefixes: { readonly log: string; readonly song: string };
  close(): void;
};

/**
 * Opens a bucket to generate into.
 *
 * @param bucket its name; `null` for the bucket and the prefixes of the settings.
 * @throws SettingsError
 */
export function openGenerateTarget(bucket: string | null): GenerateTarget {
  const environment = processEnvironment();
  // The named bucket replaces SPARKIFY_BUCKET; the prefixes are those of the settings.
  const named = bucket === null ? environment : { ...environment, SPARKIFY_BUCKET: bucket };
  const config = readConfig(named, ['bucket']);
  const parts = openParts(config);
  return {
    write: bucketWriter(parts.store, config.bucket.name),
    prefixes: { log: config.bucket.logPrefix, song: config.bucket.songPrefix },
    close: () => parts.close(),
  };
}
