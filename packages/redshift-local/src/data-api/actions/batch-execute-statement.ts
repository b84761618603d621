import type { Action } from '../data-api.ts';
import { InputReader, limits, missing, violation } from '../read-input.ts';
import { readSubmission } from '../read-submission.ts';
import { submitted } from './submitted.ts';

/** Starts up to 40 statements that run in order, in one transaction or each in its own. */
export const batchExecuteStatement: Action = async (api, { input, signal }) => {
  const read = new InputReader(input);
  const sqls = readSqls(read);
  const executionMode = read.oneOf('ExecutionMode', ['TRANSACTION', 'AUTO_COMMIT'] as const) ?? 'TRANSACTION';
  const waitSeconds = read.waitSeconds();
  const record = await api.statements.submit(readSubmission(api, read, { batch: true, sqls, executionMode }));
  await api.statements.wait(record.id, waitSeconds, signal);
  return submitted(record, waitSeconds !== undefined);
};

function readSqls(read: InputReader): readonly string[] {
  const list = read.list('Sqls');
  if (list === undefined) throw missing('Sqls');
  if (list.length < 1) throw violation('sqls', '[]', 'Member must have length greater than or equal to 1');
  if (list.length > limits.statementsPerBatch) {
    throw violation(
      'sqls',
      `[${list.length} statements]`,
      `Member must have length less than or equal to ${limits.statementsPerBatch}`,
    );
  }
  return list.map((sql, index) => {
    if (typeof sql !== 'string') throw missing(`sqls.${index + 1}.member`);
    return sql;
  });
}
