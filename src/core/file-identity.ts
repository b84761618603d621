import type { FileEvent } from './file-event.ts';

/** Text that is equal for two file events exactly when they are the same event (delivered or listed more than once). */
export type FileIdentity = string & { readonly __brand: 'FileIdentity' };

/**
 * Identity of a file event: bucket, key, version, etag and sequencer. Size and times are left out, they follow from
 * the version. Written as JSON because a key may contain any separator.
 */
export function fileIdentity(file: FileEvent): FileIdentity {
  return JSON.stringify([file.bucket, file.key, file.versionId, file.etag, file.sequencer]) as FileIdentity;
}
