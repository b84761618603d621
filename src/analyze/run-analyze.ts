import { quoteSchema } from '../core/sql/sql-literal.ts';
import type { Row, WarehouseSession } from '../core/ports.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import { runScript } from '../sql/run-script.ts';

/** A question that `sql/analyze` answers. */
export type Question = {
  /** The file's name without its number: `top_songs`. */
  readonly name: string;
  /** The sentence behind `-- Purpose:`. */
  readonly text: string;
  readonly path: string;
};

export type Answer = {
  readonly name: string;
  readonly question: string;
  /** Empty without rows: the warehouse names columns only with rows. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
};

/** All questions, in the order of their files. */
export function listQuestions(library: SqlLibrary): readonly Question[] {
  return library.list('analyze').map((path) => ({
    name: path.replace(/^analyze\/\d+_/, '').replace(/\.sql$/, ''),
    text: /^-- Purpose: (.*)$/m.exec(library.source(path))?.[1] ?? path,
    path,
  }));
}

/**
 * Asks the questions in one transaction, so that all answers are about the same moment.
 *
 * @throws IngestError as the warehouse gives it.
 */
export async function runAnalyze(input: {
  session: WarehouseSession;
  library: SqlLibrary;
  schema: string;
  questions: readonly Question[];
  token: string;
  signal: AbortSignal;
}): Promise<readonly Answer[]> {
  const { session, library, questions, signal, token } = input;
  const asked = questions.map(({ name, path }) => ({ statements: library.fill([path], {}), answer: name }));
  const steps = [{ statements: [`set search_path to ${quoteSchema(input.schema)}`] }, ...asked];
  const { rowsOf } = await runScript(session, { name: 'analyze', isLasting: false, steps }, { token, signal });
  return questions.map(({ name, text }) => {
    const rows = rowsOf(name);
    return { name, question: text, columns: Object.keys(rows[0] ?? {}), rows };
  });
}
