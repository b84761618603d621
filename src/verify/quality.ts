import type { Row } from '../core/ports.ts';
import type { ScriptResult, ScriptStep } from '../sql/run-script.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';

/** A rule that the data itself must keep (`sql/verify/quality`), and what the warehouse has against it. */
export type QualityCheck = {
  /** The question that the check asks of the data. */
  readonly title: string;
  /** The greatest number that is right. */
  readonly threshold: number;
  /** What was counted; all counts, also those that are right. */
  readonly counts: readonly { readonly what: string; readonly found: number }[];
  readonly outcome: 'ok' | 'warning' | 'failed';
};

type Rule = { readonly path: string; readonly title: string; readonly threshold: number; readonly fails: boolean };

/** The statements of all checks; each answers under its path. */
export function qualitySteps(library: SqlLibrary): readonly ScriptStep<string>[] {
  return rules(library).map(({ path }) => ({ statements: library.fill([path], {}), answer: path }));
}

/** The checks from the answers to `qualitySteps`. */
export function qualityChecks(library: SqlLibrary, { rowsOf }: ScriptResult<string>): readonly QualityCheck[] {
  return rules(library).map((rule) => check(rule, rowsOf(rule.path)));
}

function check({ fails, threshold, title }: Rule, rows: readonly Row[]): QualityCheck {
  const counts = rows.map((row) => ({ what: String(row['what']), found: Number(row['found']) }));
  const isAbove = counts.some(({ found }) => found > threshold);
  return { title, threshold, counts, outcome: isAbove ? (fails ? 'failed' : 'warning') : 'ok' };
}

function rules(library: SqlLibrary): readonly Rule[] {
  return library.list('verify/quality').map((path) => {
    const source = library.source(path);
    const title = /^-- Purpose: (.+)$/m.exec(source)?.[1];
    const above = /^-- Above: +(\d+) (fails|warns)\.$/m.exec(source);
    if (title === undefined || above === null)
      throw new Error(`sql/${path} needs "-- Above:   <number> fails." or "warns.".`);
    return { path, title, threshold: Number(above[1]), fails: above[2] === 'fails' };
  });
}
