import { countOf } from '../core/count-of.ts';
import { renderTable } from './table.ts';
import type { QualityCheck } from '../verify/quality.ts';

/** The checks that found something; none when all are right. */
export function renderQuality(quality: readonly QualityCheck[]): readonly string[] {
  const rows = quality.flatMap(({ counts, outcome, threshold, title }) =>
    outcome === 'ok'
      ? []
      : counts.flatMap(({ found, what }) => (found > threshold ? [[outcome, title, what, found, threshold]] : [])),
  );
  if (rows.length === 0) return [];
  return ['Quality of the data:', `${renderTable(['', 'check', 'what', 'found', 'at most'], rows)}\n`];
}

/** What the verdict adds when checks failed; empty otherwise. */
export function failedChecks(quality: readonly QualityCheck[]): string {
  const failed = quality.filter(({ outcome }) => outcome === 'failed').length;
  return failed === 0 ? '' : `; ${countOf(failed, 'quality check')} failed (docs/runbook.md: repair a difference)`;
}
