import type { NumberedFile } from '../core/ledger.ts';
import { s3Uri } from '../core/manifest.ts';
import type { StagingSource } from './staging-source.ts';
import { badOutcome } from './staging-source.ts';

/** Log files go into the manifest as they are; Redshift reads them. Two versions of one key are one entry. */
export const LOG_FILES: StagingSource = {
  table: 'staging_events',
  dataset: 'logs',
  prepare: (files, bad) => {
    const byUri = new Map<string, NumberedFile[]>();
    for (const numbered of files) {
      if (bad.has(numbered.fileNumber)) continue;
      const uri = s3Uri(numbered.file);
      byUri.set(uri, [...(byUri.get(uri) ?? []), numbered]);
    }
    return Promise.resolve({
      uris: [...byUri.keys()],
      outcomes: [...bad].map(([fileNumber, file]) => badOutcome(fileNumber, file)),
      locate: (uri) => byUri.get(uri) ?? [],
    });
  },
};
