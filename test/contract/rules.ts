import { setTimeout as pause } from 'node:timers/promises';
import type { Outcome, Statements } from './statements.ts';

/** Whether the warehouse does what the stand-in assumes. Ids are those of packages/redshift-local/CONFORMANCE.md. */
export type RuleSeen = { readonly id: string; readonly isSeen: boolean; readonly text: string };

type Probe = { readonly id: string; readonly sql: string; readonly isSeen: (outcome: Outcome) => boolean };

const fails = ({ Status }: Outcome): boolean => Status === 'FAILED';
const gives =
  (value: number) =>
  ({ rows }: Outcome): boolean =>
    Number(rows[0]?.[0]) === value;

/** One statement a rule. Each reads a table, because an expression alone is computed by the leader node. */
const PROBES: readonly Probe[] = [
  { id: 'pattern.lines', sql: `select count(*) from T where a ~ '^[0-9]{1,18}$'`, isSeen: gives(1) },
  { id: 'pattern.posix', sql: `select count(*) from T where a ~ '1(?=2)'`, isSeen: fails },
  {
    id: 'correlated.or-limit',
    sql: 'select count(*) from T p where exists (select 1 from T q where q.id = p.id or q.a = p.a)',
    isSeen: fails,
  },
  { id: 'types.interval-fields', sql: 'create table T_interval (a interval)', isSeen: fails },
  { id: 'cast.varchar-256', sql: `select max(len(repeat(a, 100)::varchar)) from T where id = 1`, isSeen: gives(256) },
  { id: 'cast.char-multibyte', sql: 'select a::char(3) from T where id = 2', isSeen: fails },
  { id: 'cast.boolean', sql: 'select (id = 1)::varchar(5) from T', isSeen: fails },
  { id: 'update.equijoin', sql: 'update T set a = o.a from T_other o where T.id > o.id', isSeen: fails },
];

/** Asks for every rule that public sources do not prove. */
export async function seeRules(
  statements: Statements,
  place: { readonly schema: string; readonly badFile: string; readonly roleArn: string },
): Promise<readonly RuleSeen[]> {
  const table = `${place.schema}.rule`;
  await statements.mustRun(`create table ${table} (id integer, a varchar(300))`);
  await statements.mustRun(`insert into ${table} values (1, '12' || chr(10) || 'abc'), (2, 'é')`);
  await statements.mustRun(`create table ${table}_other as select * from ${table}`);
  const seen: RuleSeen[] = [];
  for (const { id, sql, isSeen } of PROBES) {
    // A column of the target of UPDATE has the table's bare name.
    const text = sql.replaceAll('T.id', 'rule.id').replaceAll(/\bT(?=_|\b)/g, table);
    const outcome = await statements.run(text);
    seen.push({ id, isSeen: isSeen(outcome), text: outcome.Error ?? JSON.stringify(outcome.rows.slice(0, 1)) });
  }
  return [...seen, await seeQueryIds(statements, table, place)];
}

/** The id that the Data API gives for a COPY is another one than that of the SYS views. */
async function seeQueryIds(
  statements: Statements,
  table: string,
  { badFile, roleArn }: { badFile: string; roleArn: string },
): Promise<RuleSeen> {
  const id = 'ids.sys-views';
  const { RedshiftPid = 0, RedshiftQueryId = 0 } = await statements.run(
    `copy ${table} from '${badFile}' iam_role '${roleArn}' json 'auto'`,
  );
  // The views follow with a delay of seconds.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const ids = await statements.mustRun(
      `select query_id from sys_load_error_detail where session_id = ${RedshiftPid} order by start_time desc limit 1`,
    );
    const [row] = ids.rows;
    if (row !== undefined) {
      const isSeen = Number(row[0]) !== RedshiftQueryId;
      return { id, isSeen, text: isSeen ? 'the ids differ' : 'the ids are equal' };
    }
    await pause(2_000);
  }
  return { id, isSeen: false, text: 'the view shows no error of the session' };
}
