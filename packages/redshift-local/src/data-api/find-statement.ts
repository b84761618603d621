import { unconfirmed } from './unconfirmed.ts';
import { ApiError } from './api-error.ts';
import type { DataApi } from './data-api.ts';
import type { InputReader } from './read-input.ts';
import type { StatementRecord, SubStatement } from './statement-record.ts';

/**
 * The statement that `Id` names, and the sub-statement when the id carries a number.
 *
 * @throws ApiError when the id is unknown, older than 24 hours, or has a number that the batch does not have.
 */
export async function findStatement(
  api: DataApi,
  read: InputReader,
): Promise<{ id: string; record: StatementRecord; sub: SubStatement | null; number: number | null }> {
  const { id, uuid, sub: number } = read.statementId();
  const record = await api.store.find(uuid, Date.now());
  if (record === null) throw unknownStatement(id);
  if (number === null) return { id, record, sub: null, number };
  const sub = record.batch ? record.subs[number - 1] : undefined;
  if (sub === undefined) throw unknownStatement(id);
  return { id, record, sub, number };
}

function unknownStatement(id: string): ApiError {
  return new ApiError(unconfirmed.unknownQueryType, 'Query does not exist.', { ResourceId: id });
}
