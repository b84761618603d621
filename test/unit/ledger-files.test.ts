import { expect, it } from 'vitest';
import { cutToBytes, fileRow, numbered } from '../../src/core/loading/ledger.ts';
import { aBatch } from '../support/loading.ts';
import { aFile } from './file-events.ts';

it('the files of a batch are numbered from one, in their order', () => {
  const [a, b] = [aFile({ key: 'a' }), aFile({ key: 'b' })];
  expect(numbered(aBatch('logs', [a, b]))).toEqual([
    { fileNumber: 1, file: a },
    { fileNumber: 2, file: b },
  ]);
});

it('what is said of a file is a row of staging: the version that was read, and the notice where none was', () => {
  const file = aFile({ key: 'a', etag: 'said', size: 3, eventTimeMs: 9, sequencer: null, versionId: null });
  const read = fileRow(
    { fileNumber: 3, file },
    {
      ...({ fileNumber: 3, status: 'quarantined', errorCode: 'gzip_invalid', reason: 'ü'.repeat(600) } as const),
      version: { etag: 'read', size: 7, lastModifiedMs: 5 },
    },
  );
  expect(read).toMatchObject({
    ...{ kind: 'F', file_number: '3', status: 'quarantined', error_code: 'gzip_invalid', reason: 'ü'.repeat(512) },
    ...{ etag: 'read', size: '7', last_modified: '5', event_time: '9', sequencer: '', version_id: null },
    rows_rejected: '0',
  });
  const nothing = { errorCode: null, reason: null, version: null };
  expect(fileRow({ fileNumber: 9, file }, { fileNumber: 9, status: 'missing', ...nothing })).toMatchObject({
    ...{ status: 'missing', error_code: null, reason: null, etag: 'said', size: '3', last_modified: null },
  });
});

it('a text is cut as late as it can be, and not at all when it fits to the byte', () => {
  expect(cutToBytes('abü', 4)).toBe('abü');
  expect(cutToBytes('abüc', 4)).toBe('abü');
  expect(cutToBytes('abüc', 3)).toBe('ab');
  expect(cutToBytes('🎵🎵', 7)).toBe('🎵');
  expect(cutToBytes('', 0)).toBe('');
});
