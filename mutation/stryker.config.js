/**
 * Every small change of the pure core that no unit or property test notices is a survivor: `npm run mutate`, or
 * `npm run mutate -- --mutate src/core/intake/batch.ts` for one file. The SQL and what acts on the outside have their planted bugs.
 */
export default {
  mutate: ['src/core/**/*.ts'],
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A mutant that loops for ever is ended after the usual time of its tests and so much more.
  timeoutMS: 10_000,
  mutator: {
    // What a message says is for people; that it names what was seen is asserted where it matters.
    excludedMutations: ['StringLiteral'],
  },
  ignoreStatic: true,
  ignorePatterns: ['bench', 'dist', 'coverage', 'infra', '.sparkify'],
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: '.stryker-tmp',
  thresholds: { high: 90, low: 80, break: 80 },
};
