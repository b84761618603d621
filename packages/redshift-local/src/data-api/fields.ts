import type { ResultField } from '../engine/column-metadata.ts';
import { fieldKeyOf } from '../engine/column-metadata.ts';

/** A value in the Data API's Field union. Integers are kept digit by digit: a JavaScript number ends at 2^53. */
export type WireField =
  | { readonly isNull: true }
  | { readonly booleanValue: boolean }
  | { readonly longValue: unknown }
  | { readonly doubleValue: number | string }
  | { readonly stringValue: string };

/** Turns a row as PostgreSQL prints it into Fields (Redshift docs, "JDBC data types" of the Data API). */
export function fieldsOf(values: readonly (string | null)[], fields: readonly ResultField[]): readonly WireField[] {
  return values.map((value, index) => {
    const field = fields[index];
    if (value === null || field === undefined) return { isNull: true };
    switch (fieldKeyOf(field)) {
      case 'booleanValue':
        return { booleanValue: value === 't' };
      case 'longValue':
        return { longValue: rawJson(value) };
      case 'doubleValue':
        return { doubleValue: Number.isFinite(Number(value)) ? Number(value) : value };
      case 'blobValue':
      case 'stringValue':
        return { stringValue: textOf(value, field) };
    }
  });
}

/** In Node since version 22; the compiler's library does not list it yet. */
const rawJson = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON;

const timestampId = 1114;
const byteaId = 17;
const booleanId = 16;

/** Text of a value as the JDBC driver prints it: a timestamp always has a fraction, VARBYTE is bare hexadecimal. */
export function textOf(value: string, field: ResultField): string {
  if (field.dataTypeID === timestampId) return /^\d+-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) ? `${value}.0` : value;
  if (field.dataTypeID === byteaId) return value.replace(/^\\x/, '');
  if (field.dataTypeID === booleanId) return value === 't' ? 'true' : 'false';
  return value;
}
