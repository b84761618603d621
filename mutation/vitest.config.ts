import { defineConfig } from 'vitest/config';

/** The tests of the pure core: those that start no server. Every mutant runs them again. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: [
      'test/unit/**/*.test.ts',
      'test/property/**/*.test.ts',
      'test/consumer/{ending,group-commit,intake,settling}.test.ts',
      'test/loaders/{copy-and-manifest,load-with-retries,plan-backfill,sql-library}.test.ts',
    ],
  },
});
