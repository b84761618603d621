import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Workers and the programs that tests start find compiled what another one of them has compiled.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    // The embedded stack is real servers on two cores: start-up and loads may take a while on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 20_000 } },
    globalSetup: './test/support/stacks-of-workers.ts',
    // One embedded stack per worker; more workers than cores only make every one slower.
    maxWorkers: 2,
    // Ends with one plain line, "N passed, N failed", after the usual report.
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
});
