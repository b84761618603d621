import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap of a long-running process small. By default V8 collects the old generation late while the machine has free memory,
 * and the process then uses much more memory without being faster (`npm run bench -- latency`). The size of the young generation
 * can only be set on the command line: see `bin/sparkify.js` and the Dockerfile.
 */
export function keepHeapSmall(): void {
  // Collect whenever the heap has grown by a tenth.
  setFlagsFromString('--heap-growing-percent=10');
}
