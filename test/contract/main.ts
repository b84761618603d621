import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { newRunId, openBackfill, openCommandLog, openParts, openWarehouse } from '../../src/app/compose.ts';
import { realClock } from '../../src/app/real.ts';
import { Measure } from '../../src/backfill/measured-backfill.ts';
import { splitSql } from '../../src/core/sql/split-sql.ts';
import type { SqlLibrary } from '../../src/sql/sql-library.ts';
import { readConfig } from '../../src/app/config.ts';
import { CASES } from './cases.ts';
import type { Contract } from './cases.ts';
import { ContractPlace } from './place.ts';
import { exitCodeOf, refutedBy, reportText, rulesOf, writeReport } from './report.ts';
import type { CaseResult, ContractReport } from './report.ts';
import { seeRules } from './rules.ts';
import type { RuleSeen } from './rules.ts';
import { readContractSettings } from './settings.ts';
import type { ContractSettings } from './settings.ts';
import { countStatements, MOST_STATEMENTS, Statements } from './statements.ts';

const MOST_MINUTES = 15;

const COST = `This runs at most ${MOST_STATEMENTS} statements in at most ${MOST_MINUTES} minutes, in a schema and a prefix of its own, which it drops and deletes.
  provisioned cluster: costs nothing beside the running cluster
  serverless: at most ${MOST_MINUTES} minutes of the base capacity (8 RPU at 0.375 USD per RPU-hour: 0.75 USD)
  S3: fewer than 500 requests, less than 0.01 USD`;

process.exitCode = await main();

/** @returns the exit code: that of the report; 0 when there are no settings; 2 for wrong settings. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { yes: { type: 'boolean', default: false }, report: { type: 'string' } } });
  let settings: ContractSettings | null;
  try {
    settings = readContractSettings(process.env);
  } catch (error) {
    say((error as Error).message);
    return 2;
  }
  if (settings === null) {
    say(
      'Skipped: set SPARKIFY_CONTRACT_TARGET, _BUCKET and _ROLE to run the contract on a warehouse (docs/testing.md).',
    );
    return 0;
  }
  say(COST);
  if (!values.yes && !(await isAgreed())) return 2;
  const report = await runContract(settings);
  const text = reportText(report, settings);
  const path = values.report ?? (report.kind === 'stand-in' ? null : `evidence/${report.version}-${report.kind}.json`);
  if (path === null) say(text);
  else {
    writeReport(path, text);
    say(`The report is in ${path}.`);
  }
  for (const id of refutedBy(report)) say(`refuted ${id}: ${report.texts[id] ?? ''}`);
  return exitCodeOf(report);
}

async function isAgreed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    say('Add --yes to run without a terminal.');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Run it? (yes/no) ');
  terminal.close();
  return answer.trim() === 'yes';
}

async function runContract(settings: ContractSettings): Promise<ContractReport> {
  const run = newRunId();
  const stopped = new AbortController();
  const onSignal = (): void => stopped.abort(new Error('stopped by a signal'));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
  const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(MOST_MINUTES * 60_000)]);
  const config = readConfig(serviceSettings(settings, run), ['bucket', 'warehouse', 'copy', 'batching']);
  const opened = openParts(config);
  const parts = { ...opened, library: withoutComments(opened.library) };
  const counted = countStatements(parts.clients.redshiftData);
  const place = new ContractPlace({ run, bucket: settings.bucket, s3: parts.clients.s3 });
  const statements = new Statements(parts.clients.redshiftData, settings, signal);
  const cases: CaseResult[] = [];
  let seen: readonly RuleSeen[] = [];
  let version = '';
  try {
    version = await engineVersion(statements);
    await place.make(statements);
    const emit = openCommandLog(config, { io: { err: say }, isJson: false, signal });
    const measure = new Measure(() => realClock.nowMs());
    const loading = openBackfill(parts, { config, warehouse: openWarehouse(parts, config), emit, measure });
    const contract = { config, parts, place, statements, loading, signal };
    for (const each of CASES) cases.push(await attempt(each, contract));
    const badFile = `s3://${settings.bucket}/${place.prefix}bad/a.json`;
    seen = await seeRules(statements, { schema: place.schema, badFile, roleArn: settings.roleArn });
  } catch (error) {
    cases.push({ name: 'the run', problem: String(error) });
  } finally {
    // Another client: the signal that ends a run does not end its cleaning up, nor does the bound on statements. A session
    // that still has the lock is closed after two minutes.
    const cleaning = openParts(config);
    const statements = new Statements(cleaning.clients.redshiftData, settings, AbortSignal.timeout(180_000));
    await place.remove(statements).catch((error: unknown) => {
      const problem = `The schema ${place.schema} and the prefix ${place.prefix} may be left: ${String(error)}`;
      say(problem);
      cases.push({ name: 'cleaning up', problem });
    });
    cleaning.close();
    parts.close();
  }
  const kind = kindOf(settings);
  return {
    version,
    kind,
    date: new Date().toISOString().slice(0, 10),
    statements: counted.sent(),
    cases,
    ...rulesOf(seen),
  };
}

/** The 207 statements that describe tables and columns are all alike: the contract sends one of its own (`ContractPlace`) instead. */
function withoutComments(library: SqlLibrary): SqlLibrary {
  const isOther = (statement: string): boolean => !statement.startsWith('comment on ');
  return {
    ...library,
    list: (folder) =>
      library.list(folder).filter((path) => splitSql(library.source(path)).some(({ text }) => isOther(text))),
    fill: (paths, values) => library.fill(paths, values).filter(isOther),
  };
}

async function attempt(each: (typeof CASES)[number], contract: Contract): Promise<CaseResult> {
  try {
    contract.signal.throwIfAborted();
    await each.run(contract);
    say(`passed  ${each.name}`);
    return { name: each.name, problem: null };
  } catch (error) {
    say(`failed  ${each.name}: ${String(error)}`);
    return { name: each.name, problem: String(error) };
  }
}

/** The settings of the service for the run's own place. */
function serviceSettings({ target, bucket, roleArn, region }: ContractSettings, run: string): Record<string, string> {
  const prefix = `sparkify-contract/${run}/`;
  return {
    AWS_REGION: region,
    SPARKIFY_BUCKET: bucket,
    SPARKIFY_LOG_PREFIX: `${prefix}log_data/`,
    SPARKIFY_SONG_PREFIX: `${prefix}song_data/`,
    SPARKIFY_WORK_PREFIX: `${prefix}work/`,
    SPARKIFY_COPY_ROLE_ARN: roleArn,
    SPARKIFY_SCHEMA: `sparkify_contract_${run}`,
    SPARKIFY_DATABASE: target.database,
    ...(target.clusterIdentifier === null ? {} : { SPARKIFY_CLUSTER_IDENTIFIER: target.clusterIdentifier }),
    ...(target.workgroupName === null ? {} : { SPARKIFY_WORKGROUP_NAME: target.workgroupName }),
    ...(target.dbUser === null ? {} : { SPARKIFY_DB_USER: target.dbUser }),
  };
}

async function engineVersion(statements: Statements): Promise<string> {
  const { rows } = await statements.run('select version()');
  return /Redshift (\d[\d.]*)/.exec(String(rows[0]?.[0]))?.[1] ?? 'unknown';
}

function kindOf({ target }: ContractSettings): ContractReport['kind'] {
  if ((process.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '') !== '') return 'stand-in';
  return target.clusterIdentifier === null ? 'serverless' : 'provisioned';
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
