import type { IngestError } from '../core/errors.ts';

/** `ok`: as the service needs it. `warning`: works, or could not be looked at. `failed`: the service cannot work. */
export type FindingLevel = 'ok' | 'warning' | 'failed';

/** The result of one check. `sentence`: what was found, and after a semicolon what fixes it. */
export type Finding = { readonly check: string; readonly level: FindingLevel; readonly sentence: string };

/** A look at something, or the error that prevented it. */
export type Looked<T> =
  { readonly value: T; readonly error: null } | { readonly value: null; readonly error: IngestError };

export const ok = (check: string, sentence: string): Finding => ({ check, level: 'ok', sentence });
export const warning = (check: string, sentence: string): Finding => ({ check, level: 'warning', sentence });
export const failed = (check: string, sentence: string): Finding => ({ check, level: 'failed', sentence });

/**
 * The finding of a check whose look failed.
 *
 * @param input.needs the permission of the look, as AWS writes it.
 * @param input.isOfService the service itself needs the permission; otherwise only the doctor does.
 */
export function unseen(
  check: string,
  error: IngestError,
  input: { readonly needs: string; readonly isOfService: boolean },
): Finding {
  if (error.code !== 'access_denied') return failed(check, error.message);
  const { isOfService, needs } = input;
  return isOfService
    ? failed(check, `${needs} is refused, and the service needs it; allow it (${error.message})`)
    : warning(check, `was not looked at: ${needs} is refused; allow it for the identity that runs the doctor`);
}
