import type { GetStatementResultResponse } from '@aws-sdk/client-redshift-data';
import type { Action } from '../data-api.ts';
import { findResult } from '../find-result.ts';
import type { Wire } from '../wire.ts';
import { present } from '../wire.ts';

/** A page of a JSON result. The rows are JSON text already and are put in as they are: integers keep all digits. */
export const getStatementResult: Action = async (api, call) => {
  const { text, result, nextToken } = await findResult(api, call, 'JSON');
  const rest = present({
    ColumnMetadata: result.columns,
    TotalNumRows: result.totalRows,
    NextToken: nextToken,
  }) satisfies Wire<Omit<GetStatementResultResponse, 'Records'>>;
  return `{"Records":${text},${JSON.stringify(rest).slice(1)}`;
};
