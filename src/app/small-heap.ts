import { setFlagsFromString } from 'node:v8';

/**
 * Keeps a long-running process small. The consumer handles keys, never data: what it allocates is short-lived and tiny,
 * and what it keeps is a few hundred bytes a file. Left alone, V8 collects the old generation late, because the machine
 * has room; the process then holds much more memory for the same speed (measured by `npm run bench -- latency`). The
 * other half, a small young generation, can only be asked for on the command line: `bin/sparkify.js` and the Dockerfile.
 */
export function keepHeapSmall(): void {
  // Collected whenever it has grown by a tenth.
  setFlagsFromString('--heap-growing-percent=10');
}
