import type { GetStatementResultV2Response } from '@aws-sdk/client-redshift-data';
import type { Action } from '../data-api.ts';
import { findResult } from '../find-result.ts';
import type { Wire } from '../wire.ts';
import { present } from '../wire.ts';

/** A page of a CSV result: one text of at most 1 MB. */
export const getStatementResultV2: Action = async (api, call) => {
  const { text, result, nextToken } = await findResult(api, call, 'CSV');
  return present({
    Records: [{ CSVRecords: text }],
    ColumnMetadata: result.columns,
    TotalNumRows: result.totalRows,
    ResultFormat: 'CSV',
    NextToken: nextToken,
  }) satisfies Wire<GetStatementResultV2Response>;
};
