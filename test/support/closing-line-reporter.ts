import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Ends every run with one plain line, `N passed, N failed` (with `, N skipped` when any), for people and programs that
 * read only the last line. A file that could not be loaded, and an error outside any test, count as one failure each:
 * a run that is not green must never close with `0 failed`.
 */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(
    testModules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const testModule of testModules) {
      const before = counts.failed;
      for (const test of testModule.children.allTests()) {
        const state = test.result().state;
        // A test that never got a result was cut off: the run was stopped before it.
        if (state === 'passed' || state === 'failed' || state === 'skipped') counts[state] += 1;
        else counts.failed += 1;
      }
      if (testModule.state() === 'failed' && counts.failed === before) counts.failed += 1;
    }
    if (reason !== 'passed' && counts.failed === 0) counts.failed = 1;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    // The default reporter prints its summary in the same hook; one turn later ours is the last line.
    setImmediate(() => process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`));
  }
}
