import { existsSync } from 'node:fs';

// A checkout runs its source, built or not; the packed package has no source and runs what was built from it (Node
// strips no types below node_modules).
const source = new URL('./src/index.ts', import.meta.url);
const entry = existsSync(source) ? source : new URL('./dist/index.js', import.meta.url);
export const { LocalStackError, foreignHost, runCommandLine, startRedshift } = await import(entry.href);
