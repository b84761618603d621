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
  'test/recorded/static-checks.test.ts',
  'packages/redshift-local/test/conformance.test.ts',
];
/** Those that wait, and those that compute: together they use both cores. */
const FAULTS = ['test/{faults,simulation}/**/*.test.ts'];
const IMAGE = ['test/image/**/*.test.ts'];
/** Files that use the embedded stack share one for each worker. */
const globalSetup = './test/support/stacks-of-workers.ts';

export default defineConfig({
  test: {
    // Projects run in the order of their names: those with the longest files first, those with the shortest last.
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT } },
      {
        extends: true,
        test: {
          name: 'stack',
          include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
          exclude: [...UNIT, ...FAULTS, ...IMAGE],
          globalSetup: [globalSetup, './packages/redshift-local/test/redshift-of-workers.ts'],
        },
      },
      { extends: true, test: { name: 'faults', include: FAULTS, globalSetup } },
      { extends: true, test: { name: 'image', include: IMAGE, globalSetup } },
    ],
    // The embedded stack is real servers on two cores: start-up and loads may take a while on a busy machine.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    // A test file waits for servers and time-outs for about half of its time. Five workers keep two cores busy.
    maxWorkers: 5,
    // The SDK's clients, Pulumi and the program are imported once for each worker and not once for each file.
    isolate: false,
    setupFiles: './test/support/restore-environment.ts',
    // Ends with one plain line, "N passed, N failed", after the usual report.
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
});
