import { batchExecuteStatement } from './data-api/actions/batch-execute-statement.ts';
import { cancelStatement } from './data-api/actions/cancel-statement.ts';
import { describeStatement } from './data-api/actions/describe-statement.ts';
import { describeTable } from './data-api/actions/describe-table.ts';
import { executeStatement } from './data-api/actions/execute-statement.ts';
import { getStatementResultV2 } from './data-api/actions/get-statement-result-v2.ts';
import { getStatementResult } from './data-api/actions/get-statement-result.ts';
import { listDatabases } from './data-api/actions/list-databases.ts';
import { listSchemas } from './data-api/actions/list-schemas.ts';
import { listSessions } from './data-api/actions/list-sessions.ts';
import { listStatements } from './data-api/actions/list-statements.ts';
import { listTables } from './data-api/actions/list-tables.ts';
import { ApiError } from './data-api/api-error.ts';
import type { Action, DataApi } from './data-api/data-api.ts';

/** The header that names the operation begins with this. */
const targetPrefix = 'RedshiftData.';

const actions: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    BatchExecuteStatement: batchExecuteStatement,
    CancelStatement: cancelStatement,
    DescribeStatement: describeStatement,
    DescribeTable: describeTable,
    ExecuteStatement: executeStatement,
    GetStatementResult: getStatementResult,
    GetStatementResultV2: getStatementResultV2,
    ListDatabases: listDatabases,
    ListSchemas: listSchemas,
    ListSessions: listSessions,
    ListStatements: listStatements,
    ListTables: listTables,
  }),
);

/**
 * Answers one call of the Data API (AWS JSON 1.1).
 *
 * @param request.target the header `X-Amz-Target`.
 * @param request.failed the sentence for a failure of the stand-in itself.
 * @returns HTTP status and JSON body; never throws.
 */
export async function routeDataApi(
  api: DataApi,
  request: { target: string; body: string; signal: AbortSignal; failed: string },
): Promise<{ status: number; body: string; failure: unknown }> {
  try {
    const { target } = request;
    const action = target.startsWith(targetPrefix) ? actions.get(target.slice(targetPrefix.length)) : undefined;
    if (action === undefined)
      throw new ApiError('UnknownOperationException', `${target} is not an operation of this endpoint.`);
    const reply = await action(api, { input: readBody(request.body), signal: request.signal });
    return { status: 200, body: typeof reply === 'string' ? reply : JSON.stringify(reply), failure: null };
  } catch (error) {
    if (error instanceof ApiError) return { status: error.status, body: error.body(), failure: null };
    const broken = new ApiError('InternalServerException', request.failed);
    return { status: broken.status, body: broken.body(), failure: error };
  }
}

function readBody(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body === '' ? '{}' : body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below: invalid JSON and JSON that is not an object are the same error.
  }
  throw new ApiError('SerializationException', 'The body is not a JSON object.');
}
