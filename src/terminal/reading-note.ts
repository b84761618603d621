import { formatNumber } from './table.ts';

/** "1,234 files, 56.7 MB, 8.9 MB/s": what was read so far. */
export function readingNote({ bytes, files, ms }: { files: number; bytes: number; ms: number }): string {
  const megabytes = bytes / 1_000_000;
  const rate = ms > 0 ? `, ${((megabytes * 1000) / ms).toFixed(1)} MB/s` : '';
  return `${formatNumber(files)} files, ${megabytes.toFixed(1)} MB${rate}`;
}
