import type { FileEvent } from '../../src/core/file-event.ts';

/** A file event with what matters to the test filled in. */
export function aFile(options: Partial<FileEvent> = {}): FileEvent {
  return {
    change: 'put',
    bucket: 'sparkify-data',
    key: 'log_data/a.json',
    etag: 'e1',
    versionId: null,
    sequencer: '01',
    size: 10,
    eventTimeMs: 1_542_000_000_000,
    ...options,
  };
}
