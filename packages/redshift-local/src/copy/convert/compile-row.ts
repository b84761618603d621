import { decodeDocument } from './decode-document.ts';
import type { ConversionOptions } from '../parse/copy-statement.ts';
import { compileConvert } from './compile-convert.ts';
import { FieldError } from './field-error.ts';
import type { FieldTree } from './field-tree.ts';
import type { FieldValues } from './read-fields.ts';
import { compileFieldReader } from './read-fields.ts';
import type { TargetColumn } from './target-column.ts';
import { unconfirmed } from './unconfirmed.ts';

/**
 * Compiles what turns the bytes of one JSON document into one line of PostgreSQL's COPY text format, line end included.
 * A key that is not there gives NULL, not the column's default (Redshift docs, COPY from JSON format).
 *
 * @throws FieldError from the function: the document, or one of its values, cannot be loaded.
 */
export function compileRow(
  columns: readonly TargetColumn[],
  tree: FieldTree,
  options: ConversionOptions,
): (document: Buffer) => string {
  const readFields = compileFieldReader(
    tree,
    columns.map((column) => column.type === 'super'),
  );
  const writers = columns.map((column, index) => compileWriter(column, index, options));
  const onlyObjects = tree.root.members.size > 0 && tree.root.elements.size === 0;
  const values: FieldValues = [];
  return (document) => {
    const text = decodeDocument(document);
    if (onlyObjects && !text.startsWith('{')) throw malformed('the document is not an object');
    checkJson(text);
    values.length = 0;
    values.length = columns.length;
    readFields(text, values);
    let line = '';
    for (let index = 0; index < writers.length; index += 1) {
      if (index > 0) line += '\t';
      line += writers[index]?.(values[index]) ?? '\\N';
    }
    return `${line}\n`;
  };
}

function compileWriter(column: TargetColumn, index: number, options: ConversionOptions) {
  const convert = compileConvert(column, options);
  return (value: string | null | undefined): string => {
    try {
      const converted = value === null || value === undefined ? null : convert(value);
      if (converted !== null) return converted;
      if (column.notNull) throw new FieldError(1213, 'Missing data for not-null field');
      return '\\N';
    } catch (error) {
      if (error instanceof FieldError) {
        error.column = index;
        error.value = value ?? '';
      }
      throw error;
    }
  };
}

/** The field reader does not check syntax; this check makes that safe. Also fails on control characters in strings. */
function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

function malformed(what: string): FieldError {
  return new FieldError(unconfirmed.malformedJsonCode, `Invalid value: ${what}`);
}
