import pg from 'pg';
import type { ResultField } from './column-metadata.ts';

/** Values as PostgreSQL prints them, in column order. */
export type RowSink = (values: readonly (string | null)[], fields: readonly ResultField[]) => void;

export type StreamedResult = { readonly fields: readonly ResultField[]; readonly rowCount: number | null };

/** Every value as text: `data-api/fields.ts` alone decides which values become numbers. */
const asText = { getTypeParser: () => (value: unknown) => value };

/**
 * Runs one PostgreSQL statement and hands over its rows one at a time, so that a large result is never in memory.
 *
 * @param onRow may throw; the statement then still runs to its end and the first error is thrown.
 */
export async function streamRows(client: pg.ClientBase, sql: string, onRow: RowSink): Promise<StreamedResult> {
  // The declared type of the constructor lacks `types`, which the client accepts.
  const config = { text: sql, rowMode: 'array', types: asText } as unknown as pg.QueryConfig;
  const query = new pg.Query<(string | null)[]>(config);
  let refusal: Error | null = null;
  query.on('row', (row, result) => {
    if (refusal !== null || result === undefined) return;
    try {
      onRow(row, result.fields);
    } catch (error) {
      refusal = error instanceof Error ? error : new Error(String(error));
    }
  });
  return await new Promise((resolved, rejected) => {
    query.on('error', rejected);
    query.on('end', (result) => {
      if (refusal === null) resolved({ fields: result.fields, rowCount: result.rowCount });
      else rejected(refusal);
    });
    client.query(query);
  });
}
