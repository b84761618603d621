import type { ColumnMetadata, Field } from '@aws-sdk/client-redshift-data';
import type { Row, Value } from '../core/ports.ts';

/** A page of a result as rows by column name. Decimals, dates and times are text (Redshift docs, Data API type map). */
export function pageRows(columns: readonly ColumnMetadata[], records: readonly (readonly Field[])[]): readonly Row[] {
  const names = columns.map((column) => column.name ?? '');
  return records.map((fields) =>
    Object.fromEntries(fields.map((field, at) => [names[at] ?? String(at), value(field)])),
  );
}

function value(field: Field): Value {
  if (field.isNull === true) return null;
  if (field.stringValue !== undefined) return field.stringValue;
  if (field.longValue !== undefined) return field.longValue;
  if (field.doubleValue !== undefined) return field.doubleValue;
  if (field.booleanValue !== undefined) return field.booleanValue;
  throw new Error('A result contains a value of an unsupported type (binary).');
}
