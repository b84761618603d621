import type { ResultFormatString } from '@aws-sdk/client-redshift-data';
import { unconfirmed } from './unconfirmed.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import type { Call, DataApi } from './data-api.ts';
import { findStatement } from './find-statement.ts';
import { InputReader } from './read-input.ts';
import type { StoredResult } from './result-files.ts';
import { isFinal } from './statement-record.ts';

export type ResultPage = {
  readonly text: string;
  readonly result: StoredResult;
  readonly nextToken: string | undefined;
};

/**
 * The result page that a call requests, after waiting for the statement when the call wants that.
 *
 * @throws ApiError when the statement is still running, does not have a result set, or has one in the other format.
 */
export async function findResult(api: DataApi, call: Call, format: ResultFormatString): Promise<ResultPage> {
  const read = new InputReader(call.input);
  const waitSeconds = read.waitSeconds();
  const { id, record, sub } = await findStatement(api, read);
  await api.statements.wait(record.id, waitSeconds, call.signal);
  const wanted = sub ?? (record.batch ? null : record.subs[0]);
  if (!isFinal(record.status)) throw notFound('Query is still running. The result is not available yet.', id);
  if (wanted?.result == null) {
    throw new ApiError(
      unconfirmed.noResultType,
      'Query does not have result. Please check query status with DescribeStatement.',
      {
        ResourceId: id,
      },
    );
  }
  if (record.resultFormat !== format) {
    const other = format === 'JSON' ? 'GetStatementResultV2' : 'GetStatementResult';
    throw invalid(`The result of this statement is in ${record.resultFormat} format. Use ${other}.`);
  }
  const page = readToken(read.text('NextToken'), id, wanted.result.pageBytes.length);
  const last = page === wanted.result.pageBytes.length - 1;
  const text = api.files.readPage(wanted.result, page);
  if (text === null) throw notFound('The result is no longer available: only the newest results are kept.', id);
  return {
    text,
    result: wanted.result,
    nextToken: last ? undefined : makeToken(id, page + 1),
  };
}

function makeToken(id: string, page: number): string {
  return Buffer.from(`${page} ${id}`).toString('base64');
}

function readToken(token: string | undefined, id: string, pages: number): number {
  if (token === undefined) return 0;
  const [page, owner] = Buffer.from(token, 'base64').toString('utf8').split(' ');
  const number = Number(page);
  if (owner !== id || !Number.isInteger(number) || number < 0 || number >= pages)
    throw invalid('NextToken is not valid.');
  return number;
}
