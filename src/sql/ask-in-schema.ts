import { quoteSchema } from '../core/sql/sql-literal.ts';
import type { WarehouseSession } from '../core/ports.ts';
import { runScript } from './run-script.ts';
import type { ScriptResult, ScriptStep } from './run-script.ts';

/**
 * Runs steps that change nothing in one transaction, whose names are those of a schema: all answers are about the same moment.
 *
 * @param questions.name as in `Script`.
 * @throws IngestError as `runScript` does.
 */
export async function askInSchema<Answer extends string>(
  session: WarehouseSession,
  {
    name,
    schema,
    steps,
  }: { readonly name: string; readonly schema: string; readonly steps: readonly ScriptStep<Answer>[] },
  once: { readonly token: string; readonly signal: AbortSignal },
): Promise<ScriptResult<Answer>> {
  const inSchema = { statements: [`set search_path to ${quoteSchema(schema)}`] };
  return await runScript(session, { name, isLasting: false, steps: [inSchema, ...steps] }, once);
}
