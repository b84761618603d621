import { readFileSync, readdirSync } from 'node:fs';
import { copyText } from '../core/sql/copy.ts';
import type { LoadPlan, PlanAnswer, SqlValues } from '../core/loading/load-plan.ts';
import { sqlLiteral } from '../core/sql/sql-literal.ts';
import type { SqlTemplate } from '../core/sql/split-sql.ts';
import type { ScriptStep } from './run-script.ts';
import { PLACEHOLDER, splitSql } from '../core/sql/split-sql.ts';

/** `sql/` beside `src/` (or `dist/`). */
const SQL_FOLDER = new URL('../../sql/', import.meta.url);

/** The SQL files of the package. */
export type SqlLibrary = {
  /** Paths (`schema/001_….sql`) of the files of a folder, in order. */
  readonly list: (folder: string) => readonly string[];
  /** The text of a file, with LF line ends. */
  readonly source: (path: string) => string;
  /**
   * The statements of the files in order, with the placeholders filled.
   *
   * @throws Error for a placeholder without a value, or a value that no file uses.
   */
  readonly fill: (paths: readonly string[], values: SqlValues) => readonly string[];
};

/** Opens the library; each file is parsed at its first use. */
export function openSqlLibrary(folder: URL = SQL_FOLDER): SqlLibrary {
  const parsed = new Map<string, readonly SqlTemplate[]>();
  const source = (path: string) => readFileSync(new URL(path, folder), 'utf8').replaceAll('\r\n', '\n');
  const templates = (path: string): readonly SqlTemplate[] => {
    const known = parsed.get(path);
    if (known !== undefined) return known;
    const fresh = parseFile(path, source(path));
    parsed.set(path, fresh);
    return fresh;
  };
  return {
    source,
    list: (name) =>
      readdirSync(new URL(`${name}/`, folder))
        .filter((file) => file.endsWith('.sql'))
        .toSorted()
        .map((file) => `${name}/${file}`),
    fill: (paths, values) => fillTemplates(paths, paths.flatMap(templates), values),
  };
}

/** The statements of a plan. @throws Error as `SqlLibrary.fill` does; IngestError as `copyText` does. */
export function planSteps(library: SqlLibrary, { steps }: LoadPlan): readonly ScriptStep<PlanAnswer>[] {
  return steps.map((step) =>
    step.kind === 'copy'
      ? { statements: [copyText(step.copy)] }
      : { statements: library.fill(step.files, step.values), answer: step.answer },
  );
}

function parseFile(path: string, source: string): readonly SqlTemplate[] {
  if (!source.startsWith('-- Purpose: ')) throw new Error(`sql/${path} does not begin with "-- Purpose: ".`);
  try {
    return splitSql(source);
  } catch (cause) {
    throw new Error(`sql/${path} cannot be split: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function fillTemplates(
  paths: readonly string[],
  templates: readonly SqlTemplate[],
  values: SqlValues,
): readonly string[] {
  const unused = new Set(Object.keys(values));
  const filled = templates.map(({ text, placeholders }) => {
    for (const name of placeholders) {
      if (values[name] === undefined) throw new Error(`${paths.join(', ')}: no value for {{${name}}}.`);
      unused.delete(name);
    }
    return text.replaceAll(PLACEHOLDER, (whole, column: string | undefined, name: string) => {
      const value = values[name];
      return value === undefined ? whole : sqlLiteral(value, column);
    });
  });
  if (unused.size > 0) throw new Error(`${paths.join(', ')}: no use for ${[...unused].join(', ')}.`);
  return filled;
}
