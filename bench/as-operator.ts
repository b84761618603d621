import { fileURLToPath } from 'node:url';
import type { BuiltProgram } from '../test/support/sparkify-process.ts';

/** `npx sparkify …`, as an operator starts it: what a process holds depends on how it was started. */
export const AS_OPERATOR: BuiltProgram = {
  command: [fileURLToPath(new URL('../bin/sparkify.js', import.meta.url))],
};
