import type { Row, WarehouseSession } from '../core/ports.ts';
import type { SqlValue } from '../core/sql/sql-literal.ts';
import { askInSchema } from '../sql/ask-in-schema.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';

/** With what a command reads the warehouse; nothing that it sends changes a row. */
export type Looking = {
  readonly session: WarehouseSession;
  readonly library: SqlLibrary;
  readonly schema: string;
  /** A new idempotency token. */
  readonly token: () => string;
  readonly signal: AbortSignal;
};

/** A file below `sql/look` with the values of its placeholders. */
export type Question = { readonly file: string; readonly values?: Readonly<Record<string, SqlValue>> };

/**
 * Asks questions in one transaction, so that all answers are about the same moment.
 *
 * @throws IngestError as the warehouse gives it.
 */
export async function ask<N extends string>(
  { library, schema, session, signal, token }: Looking,
  questions: Readonly<Record<N, Question>>,
): Promise<Readonly<Record<N, readonly Row[]>>> {
  const names = Object.keys(questions) as N[];
  const asked = names.map((answer) => {
    const { file, values = {} } = questions[answer];
    return { answer, statements: library.fill([`look/${file}`], values) };
  });
  const script = { name: 'sparkify look', schema, steps: asked };
  const { rowsOf } = await askInSchema(session, script, { token: token(), signal });
  return Object.fromEntries(names.map((name) => [name, rowsOf(name)])) as Record<N, readonly Row[]>;
}

/** A number of a row; the Data API gives decimals as text. */
export function numberOf(row: Row, column: string): number {
  return Number(row[column] ?? 0);
}

export function numberOrNull(row: Row, column: string): number | null {
  const value = row[column] ?? null;
  return value === null ? null : Number(value);
}

export function textOf(row: Row, column: string): string {
  return String(row[column] ?? '').trimEnd();
}

export function textOrNull(row: Row, column: string): string | null {
  const value = row[column] ?? null;
  return value === null ? null : String(value).trimEnd();
}

/** A time as ISO 8601 in UTC, from `YYYY-MM-DD HH24:MI:SS.MS`. */
export function timeOrNull(row: Row, column: string): string | null {
  const text = textOrNull(row, column);
  return text === null ? null : `${text.replace(' ', 'T')}Z`;
}
