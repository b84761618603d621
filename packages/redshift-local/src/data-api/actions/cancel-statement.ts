import type { CancelStatementResponse } from '@aws-sdk/client-redshift-data';
import type { Action } from '../data-api.ts';
import { findStatement } from '../find-statement.ts';
import { InputReader } from '../read-input.ts';

/** Asks a running statement to stop. `Status` means that the request was sent, not that the statement has stopped. */
export const cancelStatement: Action = async (api, { input }) => {
  const { record } = await findStatement(api, new InputReader(input));
  await api.statements.cancel(record);
  return { Status: true } satisfies CancelStatementResponse;
};
