import { remembered } from '../core/remembered.ts';
import { UNSTORABLE, tokenText } from '../core/token-text.ts';
import type { ColumnType, Misfit } from './column-types.ts';

/** A field of a dataset: the value of `key` in a JSON object, for `column`. */
export type Field = {
  /** As in the files. */
  readonly key: string;
  /** The column that a rejection names. */
  readonly column: string;
  readonly type: ColumnType;
  /** Whether a row without this value is rejected. */
  readonly isRequired: boolean;
  /** Whether the same few thousand values repeat; then each value is judged once. */
  readonly isRepetitive: boolean;
};

/** A rejected row: `column` and `reason` form a sentence. */
export type Rejected = { readonly kind: 'rejected'; readonly column: string; readonly reason: string };

const MISSING: Misfit = { reason: 'is missing' };
const NOT_STORABLE: Misfit = {
  reason: 'contains a NUL character, an unpaired surrogate or invalid UTF-8',
};

/** Gives the value as its column holds it; `null` is NULL. `token` is `undefined` when the object lacks the key. */
export type FieldReader = (token: string | undefined) => string | null | Misfit;

/** How a field is read. */
export function fieldReader({ isRepetitive, isRequired, type }: Field): FieldReader {
  const noValue = isRequired ? MISSING : null;
  const judged = (token: string): string | null | Misfit => {
    const text = tokenText(token);
    if (text === UNSTORABLE) return NOT_STORABLE;
    return (text === null ? null : type(text)) ?? noValue;
  };
  const read = isRepetitive ? remembered(judged) : judged;
  return (token) => (token === undefined ? noValue : read(token));
}
