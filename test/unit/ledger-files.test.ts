import { expect, it } from 'vitest';
import { cutToBytes, numbered, outcomesBody } from '../../src/core/ledger.ts';
import { aBatch } from '../support/loading.ts';
import { aFile } from './file-events.ts';

it('the files of a batch are numbered from one, in their order', () => {
  const [a, b] = [aFile({ key: 'a' }), aFile({ key: 'b' })];
  expect(numbered(aBatch('logs', [a, b]))).toEqual([
    { fileNumber: 1, file: a },
    { fileNumber: 2, file: b },
  ]);
});

it('what is said of single files is a line each, with every column and with its reason cut to what the ledger takes', () => {
  const outcome = {
    ...({ fileNumber: 3, status: 'quarantined', errorCode: 'gzip_invalid', reason: 'ü'.repeat(600) } as const),
    version: { etag: 'read', size: 7, lastModifiedMs: 5 },
  };
  const nothing = { errorCode: null, reason: null, version: null };
  const [first, second, end] = outcomesBody([outcome, { fileNumber: 9, status: 'missing', ...nothing }]).split('\n');
  expect(JSON.parse(first ?? '')).toEqual({
    ...{ file_number: 3, status: 'quarantined', error_code: 'gzip_invalid', reason: 'ü'.repeat(512) },
    ...{ etag: 'read', size: 7, last_modified_ms: 5 },
  });
  expect(JSON.parse(second ?? '')).toEqual({
    ...{ file_number: 9, status: 'missing', error_code: null, reason: null },
    ...{ etag: null, size: null, last_modified_ms: null },
  });
  expect(end).toBe('');
});

it('a text is cut as late as it can be, and not at all when it fits to the byte', () => {
  expect(cutToBytes('abü', 4)).toBe('abü');
  expect(cutToBytes('abüc', 4)).toBe('abü');
  expect(cutToBytes('abüc', 3)).toBe('ab');
  expect(cutToBytes('🎵🎵', 7)).toBe('🎵');
  expect(cutToBytes('', 0)).toBe('');
});
