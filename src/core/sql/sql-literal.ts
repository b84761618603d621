import { IngestError } from '../errors.ts';
import type { TimeRange } from '../time-ranges.ts';

/** A value for a placeholder of an SQL file. The SQL files contain all names but the schema and the tables of a comparison. */
export type SqlValue =
  | { readonly kind: 'text'; readonly text: string }
  /** Text that a person typed or a file has: any characters but NUL. */
  | { readonly kind: 'foreign'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: number }
  /** Epoch ms, UTC. */
  | { readonly kind: 'timestamp'; readonly atMs: number }
  /** A condition on the column that the placeholder names: `{{p.start_time in starts}}`. */
  | { readonly kind: 'ranges'; readonly ranges: readonly TimeRange[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'null' };

export const sqlText = (text: string): SqlValue => ({ kind: 'text', text });
export const sqlForeignText = (text: string): SqlValue => ({ kind: 'foreign', text });
export const sqlInteger = (value: number): SqlValue => ({ kind: 'integer', value });
export const sqlTimestamp = (atMs: number): SqlValue => ({ kind: 'timestamp', atMs });
export const sqlRanges = (ranges: readonly TimeRange[]): SqlValue => ({ kind: 'ranges', ranges });
/** A schema or a table. */
export const sqlSchema = (name: string): SqlValue => ({ kind: 'name', name });
export const SQL_NULL: SqlValue = { kind: 'null' };

/**
 * A value as a literal. In a load, only names and numbers of the service become literals (batch ids, times, counts); keys and rows of
 * files go through COPY. Commands that only read ask for foreign text.
 *
 * @param column the column of a condition on ranges of time; other values have none.
 * @throws IngestError `config_invalid` for a text with a NUL or a backslash.
 */
export function sqlLiteral(value: SqlValue, column?: string): string {
  if ((value.kind === 'ranges') !== (column !== undefined)) throw new Error('Only ranges have a column.');
  switch (value.kind) {
    case 'text':
      return quoteText(value.text);
    case 'foreign':
      return foreignText(value.text);
    case 'integer':
      if (!Number.isSafeInteger(value.value))
        throw new Error(`${value.value} is not a whole number that SQL can take.`);
      return String(value.value);
    case 'timestamp':
      return timestampLiteral(value.atMs);
    case 'ranges':
      return rangesCondition(column ?? '', value.ranges);
    case 'name':
      return quoteSchema(value.name);
    case 'null':
      return 'null';
  }
}

/** Quoted text. Backslashes are refused, because a server setting decides whether they escape. */
export function quoteText(text: string): string {
  if (/[\0\\]/.test(text)) {
    const sentence = `${JSON.stringify(text)} contains a backslash or a NUL character, which SQL text must not contain; rename it.`;
    throw new IngestError('config_invalid', sentence);
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/** Backslashes become `chr(92)`, because a server setting decides whether they escape in quotes. No stored text has a NUL. */
function foreignText(text: string): string {
  const parts = text.replaceAll('\0', '').split('\\').map(quoteText);
  return parts.length === 1 ? parts.join('') : `(${parts.join(' || chr(92) || ')})`;
}

/** A schema name in double quotes; anything but lower-case letters, digits and underscores is refused. */
export function quoteSchema(schema: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(schema)) {
    const sentence = `"${schema}" is not a valid schema name: use a lower-case letter, then lower-case letters, digits or underscores.`;
    throw new IngestError('config_invalid', sentence);
  }
  return `"${schema}"`;
}

/** Without ranges the condition is false. */
function rangesCondition(column: string, ranges: readonly TimeRange[]): string {
  if (ranges.length === 0) return '1 = 0';
  const conditions = ranges.map(
    ({ maxMs, minMs }) => `${column} between ${timestampLiteral(minMs)} and ${timestampLiteral(maxMs)}`,
  );
  return `(${conditions.join(' or ')})`;
}

function timestampLiteral(atMs: number): string {
  return `'${new Date(atMs).toISOString().replace('T', ' ').replace('Z', '')}'::timestamp`;
}
