import { setFlagsFromString } from 'node:v8';

/**
 * Keeps a long-running process small. The consumer handles keys, never data: what it allocates is short-lived and tiny,
 * and what it keeps is a few hundred bytes a file. Left alone, V8 lets the young generation grow to 48 MiB and collects the
 * old one late, because the machine has room; the process then holds twice the memory for the same speed (measured by
 * `npm run bench -- latency`). To be called before the work begins: spaces that have grown do not shrink for it.
 */
export function keepHeapSmall(): void {
  // Survivors move to the old generation instead of making the young one larger …
  setFlagsFromString('--semi-space-growth-factor=1');
  // … and the old one is collected whenever it has grown by a tenth.
  setFlagsFromString('--heap-growing-percent=10');
}
