import type { FileEvent } from './file-event.ts';

/** Text that is equal for two file events exactly when they are the same event (delivered or listed more than once). */
export type FileIdentity = string & { readonly __brand: 'FileIdentity' };

/**
 * Identity of a file event: bucket, key, version, etag and sequencer, and whether it is a deletion. Size and times follow from
 * the version. Written as JSON because a key may contain any separator.
 */
export function fileIdentity(file: FileEvent): FileIdentity {
  const version = JSON.stringify([file.bucket, file.key, file.versionId, file.etag, file.sequencer]);
  return (file.change === 'delete' ? `deleted ${version}` : version) as FileIdentity;
}
