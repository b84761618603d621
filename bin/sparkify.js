#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=2 --enable-source-maps --
import { existsSync } from 'node:fs';

// Older versions strip no types, and fail with a stack trace somewhere else.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `sparkify: needs Node.js 22.18 or later, found ${process.versions.node}. Install a newer one from https://nodejs.org.\n`,
  );
  process.exit(2);
}

// Small from the start: with one arena glibc gives back what short-lived buffers took, and a young generation of a few
// megabytes suffices for a program that handles keys (see src/app/small-heap.ts). Neither can be set once Node runs.
//
// A checkout runs its source, built or not; the packed program has no source and runs what was built from it (Node
// strips no types below node_modules).
const source = new URL('../src/cli/main.ts', import.meta.url);
await import(existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url));
