import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Workers and the programs that tests start find compiled what another one of them has compiled.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');

/** Start no server. */
const UNIT = [
  'test/{unit,property,reader,docs,mutation}/**/*.test.ts',
  'test/consumer/!(*sqs*).test.ts',
  'test/datasets/!(sample-by-copy|hashes-in-sql).test.ts',
  'test/infra/{aws/*,settings/*,*/*-plan}.test.ts',
];
const FAULTS = ['test/faults/**/*.test.ts'];
const IMAGE = ['test/image/**/*.test.ts'];
/** Projects that use the embedded stack share one for each worker. */
const globalSetup = './test/support/stacks-of-workers.ts';

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      {
        extends: true,
        test: {
          name: 'stack',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: [...UNIT, ...FAULTS, ...IMAGE],
          globalSetup,
        },
      },
      { extends: true, test: { name: 'faults', include: FAULTS, globalSetup } },
      { extends: true, test: { name: 'image', include: IMAGE, globalSetup } },
    ],
    // The embedded stack is real servers on two cores: start-up and loads may take a while on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 20_000 } },
    // One embedded stack per worker; more workers than cores only make every one slower.
    maxWorkers: 2,
    // Ends with one plain line, "N passed, N failed", after the usual report.
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
});
