import type { Row, StatementResult, WarehouseSession } from '../core/ports.ts';

/** Statements of a transaction, in order. `answer`: the name under which the rows of the last one are returned. */
export type ScriptStep<Answer extends string> = {
  readonly statements: readonly string[];
  readonly answer?: Answer | undefined;
};

/** What runs in one transaction. */
export type Script<Answer extends string> = {
  /** The name of the statement in the console of the Data API. */
  readonly name: string;
  /** Whether anything that the script does outlives the session: then an answer that is lost leaves a doubt. */
  readonly isLasting: boolean;
  readonly steps: readonly ScriptStep<Answer>[];
};

export type ScriptResult<Answer extends string> = {
  /** The rows of an answer; none when no step has this answer, or its last statement returns none. */
  readonly rowsOf: (answer: Answer) => readonly Row[];
  /** One for each statement, by step. */
  readonly results: readonly (readonly StatementResult[])[];
};

/**
 * Runs a script as one transaction and reads the rows that it asks for. All SQL of the service is sent here.
 *
 * @param once.token idempotency token, as in `WarehouseSession`.
 * @throws IngestError as `WarehouseSession.transaction` does.
 */
export async function runScript<Answer extends string = never>(
  session: WarehouseSession,
  script: Script<Answer>,
  once: { readonly token: string; readonly signal: AbortSignal },
): Promise<ScriptResult<Answer>> {
  const { isLasting, name, steps } = script;
  const statements = steps.flatMap((step) => step.statements);
  const all = await session.transaction({ name, isLasting, statements, ...once });
  const answers = new Map<Answer, readonly Row[]>();
  const results: (readonly StatementResult[])[] = [];
  let begin = 0;
  for (const step of steps) {
    const ofStep = all.slice(begin, (begin += step.statements.length));
    const last = ofStep.at(-1);
    if (step.answer !== undefined && last !== undefined)
      answers.set(step.answer, await session.rows(last, once.signal));
    results.push(ofStep);
  }
  return { rowsOf: (answer) => answers.get(answer) ?? [], results };
}
