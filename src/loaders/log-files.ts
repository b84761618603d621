import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import { isCopyable, s3Uri } from '../core/manifest.ts';
import type { BadFile, StagingSource } from './staging-source.ts';
import { badOutcome } from './staging-source.ts';

const NOT_COPYABLE: BadFile = {
  status: 'quarantined',
  errorCode: 'key_not_copyable',
  reason: 'the key holds a NUL character, which COPY cannot be given in a name; put the object under another key',
  lineNumber: null,
  columnName: null,
};

/** Log files go into the manifest as they are; Redshift reads them. Two versions of one key are one entry. */
export const LOG_FILES: StagingSource = {
  table: 'staging_events',
  dataset: 'logs',
  prepare: (files, bad) => {
    const byUri = new Map<string, NumberedFile[]>();
    const outcomes: FileOutcome[] = [];
    for (const numbered of files) {
      const { file, fileNumber } = numbered;
      const badFile = bad.get(fileNumber) ?? (isCopyable(file) ? null : NOT_COPYABLE);
      if (badFile !== null) {
        outcomes.push(badOutcome(fileNumber, badFile));
        continue;
      }
      const uri = s3Uri(file);
      byUri.set(uri, [...(byUri.get(uri) ?? []), numbered]);
    }
    return Promise.resolve({
      uris: [...byUri.keys()],
      outcomes,
      locate: (uri) => byUri.get(uri) ?? [],
    });
  },
};
