import type { SqlParameter } from '@aws-sdk/client-redshift-data';
import { unconfirmed } from './unconfirmed.ts';
import { invalid } from './api-error.ts';
import { bindParameters } from './bind-parameters.ts';
import { chooseTarget } from './choose-target.ts';
import type { DataApi } from './data-api.ts';
import { checkText, limits, missing, violation } from './read-input.ts';
import type { InputReader } from './read-input.ts';
import type { Submission } from './statements.ts';

/** Reads what ExecuteStatement and BatchExecuteStatement have in common. */
export function readSubmission(
  api: DataApi,
  read: InputReader,
  what: Pick<Submission, 'batch' | 'sqls' | 'executionMode'>,
): Submission {
  for (const [index, sql] of what.sqls.entries()) {
    refuseLongText(sql);
    checkText(what.batch ? `sqls.${index + 1}.member` : 'sql', sql, {});
  }
  const parameters = readParameters(read);
  refuseUnused(what.sqls, parameters);
  const sessionId = read.sessionId();
  return {
    ...what,
    parameters,
    resultFormat: read.oneOf('ResultFormat', ['JSON', 'CSV'] as const) ?? 'JSON',
    name: read.text('StatementName', { max: 2048 }) ?? null,
    clientToken: read.text('ClientToken', { min: 1, max: 64 }) ?? null,
    sessionId,
    keepAliveSeconds: read.integer('SessionKeepAliveSeconds', { min: 0, max: 86_400 }),
    target: chooseTarget(api, read, { inSession: sessionId !== undefined, databaseRequired: true }),
  };
}

function refuseLongText(sql: string): void {
  if (Buffer.byteLength(sql) > limits.statementBytes) {
    throw invalid(`Cannot process a statement of more than ${limits.statementBytes / 1000} KB.`);
  }
}

function readParameters(read: InputReader): readonly SqlParameter[] {
  const list = read.list('Parameters');
  if (list === undefined) return [];
  if (list.length === 0) throw violation('parameters', '[]', 'Member must have length greater than or equal to 1');
  const seen = new Set<string>();
  return list.map((entry, index) => {
    const { name, value } = (entry ?? {}) as { name?: unknown; value?: unknown };
    const place = `parameters.${index + 1}.member`;
    if (typeof name !== 'string') throw missing(`${place}.name`);
    if (typeof value !== 'string') throw missing(`${place}.value`);
    checkText(`${place}.name`, name, { pattern: /^[0-9a-zA-Z_]+$/ });
    checkText(`${place}.value`, value, { min: 1 });
    if (seen.has(name)) throw invalid(`Parameter ${name} is given twice.`);
    seen.add(name);
    return { name, value };
  });
}

/** Every parameter must be used by at least one statement (Redshift docs, "Running SQL statements with parameters"). */
function refuseUnused(sqls: readonly string[], parameters: readonly SqlParameter[]): void {
  if (parameters.length === 0) return;
  const used = new Set(sqls.flatMap((sql) => [...bindParameters(sql, parameters).used]));
  const unused = parameters.flatMap(({ name }) => (name === undefined || used.has(name) ? [] : [name]));
  if (unused.length > 0) throw invalid(unconfirmed.unusedParameterMessage(unused));
}
