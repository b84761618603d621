import { countOf } from '../core/count-of.ts';
import { megabytes } from './table.ts';

/** "1,234 files, 56.7 MB, 8.9 MB/s": what was read so far. */
export function readingNote({ bytes, files, ms }: { files: number; bytes: number; ms: number }): string {
  const rate = ms > 0 ? `, ${megabytes((bytes * 1000) / ms)} MB/s` : '';
  return `${countOf(files, 'file')}, ${megabytes(bytes)} MB${rate}`;
}
