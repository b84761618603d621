import type { Parts } from '../app/compose.ts';
import type { BaseConfig } from '../app/config.ts';
import { operatorName } from '../app/operator-name.ts';
import type { Decision } from '../core/decision.ts';

/** The decision of the person who runs a reload. @throws IngestError as `operatorName` does. */
export async function reloadDecision(
  parts: Parts,
  config: BaseConfig,
  input: { readonly why?: string | undefined; readonly undoesRetraction?: boolean; readonly signal: AbortSignal },
): Promise<Decision> {
  const { signal, undoesRetraction = false, why = null } = input;
  return { action: 'reload', operator: await operatorName(parts, config, signal), why, undoesRetraction };
}
