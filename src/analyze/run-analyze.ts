import { sqlRanges } from '../core/sql/sql-literal.ts';
import type { Row, Value, WarehouseSession } from '../core/ports.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import { askInSchema } from '../sql/ask-in-schema.ts';

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

/** A cell without the six decimals of a timestamp's seconds. */
export function readableCell(cell: Value): Value {
  return typeof cell === 'string' ? cell.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d+$/, '$1') : cell;
}

/** Which plays the answers are about. `since` is inclusive, `until` is exclusive; epoch ms. */
export type PlayTimes = { readonly sinceMs: number | null; readonly untilMs: number | null };

export const ALL_PLAYS: PlayTimes = { sinceMs: null, untilMs: null };

/** Before and after every time that a TIMESTAMP of a play can hold. */
const [FIRST_MS, LAST_MS] = [Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31)];

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
  plays: PlayTimes;
  token: string;
  signal: AbortSignal;
}): Promise<readonly Answer[]> {
  const { session, library, plays, questions, signal, token } = input;
  const times = sqlRanges([{ minMs: plays.sinceMs ?? FIRST_MS, maxMs: (plays.untilMs ?? LAST_MS) - 1 }]);
  const asked = questions.map(({ name, path }) => ({ statements: library.fill([path], { times }), answer: name }));
  const script = { name: 'analyze', schema: input.schema, steps: asked };
  const { rowsOf } = await askInSchema(session, script, { token, signal });
  return questions.map(({ name, text }) => {
    const rows = rowsOf(name);
    return { name, question: text, columns: Object.keys(rows[0] ?? {}), rows };
  });
}
