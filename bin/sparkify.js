#!/usr/bin/env -S node --
import { existsSync } from 'node:fs';

// A checkout runs its source, built or not; the packed program has no source and runs what was built from it (Node
// strips no types below node_modules).
const source = new URL('../src/cli/main.ts', import.meta.url);
await import(existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url));
