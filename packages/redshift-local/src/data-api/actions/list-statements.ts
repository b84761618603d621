import type { ListStatementsResponse, StatementData } from '@aws-sdk/client-redshift-data';
import { invalid } from '../api-error.ts';
import type { Action } from '../data-api.ts';
import { InputReader } from '../read-input.ts';
import type { StatementRecord } from '../statement-record.ts';
import type { Wire } from '../wire.ts';
import { epochSeconds, present } from '../wire.ts';

const states = ['SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED', 'ALL'] as const;

/** Statements of the last 24 hours, newest first; without `Status` only finished statements. */
export const listStatements: Action = async (api, { input }) => {
  const read = new InputReader(input);
  const max = read.integer('MaxResults', { min: 0, max: 100 });
  const pageSize = max === undefined || max === 0 ? 100 : max;
  const status = read.oneOf('Status', states) ?? 'FINISHED';
  read.boolean('RoleLevel');
  const found = await api.store.list(
    {
      status: null,
      namePrefix: read.text('StatementName', { max: 2048 }) ?? null,
      database: read.text('Database') ?? null,
      before: readToken(read.text('NextToken')),
      max: pageSize + 1,
    },
    Date.now(),
  );
  // The state of a running statement changes in memory first, so it is compared here and not in the query.
  const page = found.slice(0, pageSize);
  const wanted = page.filter((record) => status === 'ALL' || record.status === status);
  return present({
    Statements: wanted.map(summary),
    NextToken: found.length > pageSize ? makeToken(page.at(-1)) : undefined,
  }) satisfies Wire<ListStatementsResponse>;
};

function summary(record: StatementRecord): Wire<StatementData> {
  return present({
    Id: record.id,
    QueryString: record.batch ? undefined : record.subs[0]?.sql,
    QueryStrings: record.batch ? record.subs.map((sub) => sub.sql) : undefined,
    SecretArn: record.secretArn,
    Status: record.status,
    StatementName: record.name,
    CreatedAt: epochSeconds(record.createdAtMs),
    UpdatedAt: epochSeconds(record.updatedAtMs),
    QueryParameters: record.parameters.length === 0 ? undefined : record.parameters,
    IsBatchStatement: record.batch,
    ResultFormat: record.resultFormat,
    SessionId: record.sessionId,
  }) satisfies Wire<StatementData>;
}

function makeToken(record: StatementRecord | undefined): string | undefined {
  return record && Buffer.from(`${record.createdAtMs} ${record.id}`).toString('base64');
}

function readToken(token: string | undefined): { createdAtMs: number; id: string } | null {
  if (token === undefined) return null;
  const [, createdAtMs, id] = /^(\d{1,15}) ([0-9a-f-]{36})$/.exec(Buffer.from(token, 'base64').toString('utf8')) ?? [];
  if (createdAtMs === undefined || id === undefined) throw invalid('NextToken is not valid.');
  return { createdAtMs: Number(createdAtMs), id };
}
