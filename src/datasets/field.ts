import { UNSTORABLE, tokenText } from '../core/token-text.ts';
import type { ColumnType, Misfit } from './column-types.ts';

/** What a dataset reads of a JSON object: the value of `key`, for `column`. */
export type Field = {
  /** As the files spell it. */
  readonly key: string;
  /** The column that a rejection names. */
  readonly column: string;
  readonly type: ColumnType;
  /** Whether a row without this value is rejected. */
  readonly isRequired: boolean;
};

/** A row that is not loaded: `column` and `reason` make a sentence. */
export type Rejected = { readonly kind: 'rejected'; readonly column: string; readonly reason: string };

const MISSING: Misfit = { reason: 'is missing' };
const NOT_STORABLE: Misfit = {
  reason: 'contains a NUL character, half of a surrogate pair or bytes that are not UTF-8',
};

/**
 * The value of a field as its column holds it; `null` is NULL.
 *
 * @param token `undefined` when the object lacks the key.
 */
export function fieldValue(field: Field, token: string | undefined): string | null | Misfit {
  const text = token === undefined ? null : tokenText(token);
  if (text === UNSTORABLE) return NOT_STORABLE;
  const value = text === null ? null : field.type(text);
  return value === null && field.isRequired ? MISSING : value;
}
