import type { Action } from '../data-api.ts';
import { InputReader } from '../read-input.ts';
import { readSubmission } from '../read-submission.ts';
import { submitted } from './submitted.ts';

/** Starts one statement; with WaitTimeSeconds the reply waits for its end. An error of SQL is not an error of the call. */
export const executeStatement: Action = async (api, { input, signal }) => {
  const read = new InputReader(input);
  const sql = read.requiredText('Sql');
  const waitSeconds = read.waitSeconds();
  const submission = readSubmission(api, read, { batch: false, sqls: [sql], executionMode: 'TRANSACTION' });
  const record = await api.statements.submit(submission);
  await api.statements.wait(record.id, waitSeconds, signal);
  return submitted(record, waitSeconds !== undefined);
};
