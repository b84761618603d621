import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { useStack } from '../support/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { exitCodeOf, reportText } from './report.ts';
import type { ContractReport } from './report.ts';
import { readContractSettings } from './settings.ts';
import { MOST_STATEMENTS } from './statements.ts';

const stack = useStack();
const program = join(import.meta.dirname, 'main.ts');
const conformance = join(import.meta.dirname, '../../packages/redshift-local/CONFORMANCE.md');

/** `npm run test:aws`, as somebody runs it against a cluster. */
function startContract(environment: Readonly<Record<string, string>>, ...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = Promise.all([once(child, 'exit') as Promise<[number | null]>, text(child.stderr)]);
  return { child, end: end.then(([[code], stderr]) => ({ code, stderr })) };
}

async function onTheStandIn() {
  const { bucket, environment } = await stack.place({ notifiedPrefixes: [] });
  const aws = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('AWS_')));
  const [cluster, database, user] = ['CLUSTER_IDENTIFIER', 'DATABASE', 'DB_USER'].map(
    (name) => environment[`SPARKIFY_${name}`],
  );
  const settings = {
    ...aws,
    SPARKIFY_CONTRACT_TARGET: `cluster:${cluster ?? ''}/${database ?? ''}/${user ?? ''}`,
    SPARKIFY_CONTRACT_BUCKET: bucket,
    SPARKIFY_CONTRACT_ROLE: environment['SPARKIFY_COPY_ROLE_ARN'] ?? '',
  };
  const left = async () => {
    const { Contents = [] } = await stack.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    const schemas = await stack.pool.query(
      `select nspname from pg_namespace where nspname like 'sparkify\\_contract\\_%'`,
    );
    return { objects: Contents.map(({ Key }) => Key), schemas: schemas.rows };
  };
  return { settings, left };
}

test('the contract passes on the stand-in, and nothing of the run is left', async () => {
  const { settings, left } = await onTheStandIn();
  const file = join(temporaryFolder(), 'report.json');
  const { code, stderr } = await startContract(settings, '--yes', '--report', file).end;
  expect(code, stderr).toBe(0);
  const written = readFileSync(file, 'utf8');
  const { kind, cases, rules, statements } = JSON.parse(written) as ContractReport;
  expect([kind, cases.length]).toEqual(['stand-in', 6]);
  expect(statements).toBeLessThanOrEqual(MOST_STATEMENTS);
  // Each rule that public sources do not prove, and the stand-in refutes none.
  const unconfirmed = readFileSync(conformance, 'utf8').matchAll(/^\| `([^`]+)` .*\| switchable \|/gm);
  expect(rules).toEqual(Object.fromEntries([...unconfirmed].map(([, id = '']) => [id, 'seen'])));
  for (const secret of [settings.SPARKIFY_CONTRACT_BUCKET, settings.SPARKIFY_CONTRACT_ROLE, '000000000000']) {
    expect(written).not.toContain(secret);
  }
  expect(await left()).toEqual({ objects: [], schemas: [] });
});

test('after Ctrl-C nothing of the run is left, either', async () => {
  const { settings, left } = await onTheStandIn();
  const { child, end } = startContract(settings, '--yes');
  child.stderr.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('passed')) child.kill('SIGINT');
  });
  expect((await end).code).toBe(1);
  expect(await left()).toEqual({ objects: [], schemas: [] });
});

test('without settings the contract is skipped, and without an agreement it does not begin', async () => {
  const { settings, left } = await onTheStandIn();
  expect(await startContract({}).end).toEqual({
    code: 0,
    stderr: expect.stringContaining('Skipped: set SPARKIFY_CONTRACT_TARGET') as string,
  });
  expect(await startContract(settings).end).toEqual({
    code: 2,
    stderr: expect.stringContaining('Add --yes') as string,
  });
  expect(await left()).toEqual({ objects: [], schemas: [] });
});

test('settings of the contract are checked before anything is sent', () => {
  const settings = {
    AWS_REGION: 'eu-west-1',
    SPARKIFY_CONTRACT_TARGET: 'workgroup:analysts/dev',
    SPARKIFY_CONTRACT_BUCKET: 'bucket',
    SPARKIFY_CONTRACT_ROLE: 'arn:aws:iam::123456789012:role/copy',
  };
  const none = { clusterIdentifier: null, dbUser: null };
  expect(readContractSettings(settings)?.target).toEqual({ ...none, workgroupName: 'analysts', database: 'dev' });
  expect(() => readContractSettings({ ...settings, SPARKIFY_CONTRACT_ROLE: '' })).toThrow(
    'SPARKIFY_CONTRACT_ROLE must be set',
  );
  for (const target of ['analysts', 'workgroup:analysts/dev/user', 'cluster:/dev']) {
    expect(() => readContractSettings({ ...settings, SPARKIFY_CONTRACT_TARGET: target })).toThrow('expected cluster:');
  }
});

test('a refuted rule is a finding on a cluster, and a failure on the stand-in', () => {
  const report = { ...{ version: '1.0', date: '2026-11-30', statements: 1 }, cases: [], texts: {} };
  const refuted = { ...report, rules: { 'cast.boolean': 'refuted', 'pattern.lines': 'seen' } } as const;
  expect(exitCodeOf({ ...refuted, kind: 'serverless' })).toBe(0);
  expect(exitCodeOf({ ...refuted, kind: 'stand-in' })).toBe(1);
  expect(exitCodeOf({ ...refuted, kind: 'stand-in', rules: { 'cast.boolean': 'seen' } })).toBe(0);
  expect(exitCodeOf({ ...refuted, kind: 'serverless', cases: [{ name: 'a case', problem: 'a problem' }] })).toBe(1);
});

test('a report hides accounts, ARNs, hosts, users and the names of the place', () => {
  const secrets = {
    role: 'arn:aws:iam::123456789012:role/copy',
    account: '210987654321',
    host: 'analysts.123.eu-west-1.redshift.amazonaws.com:5439',
    address: '10.1.2.3',
    user: 'IAMR:somebody',
    bucket: 'our-data',
  };
  const report: ContractReport = {
    version: '1.0.1234',
    kind: 'serverless',
    date: '2026-11-30',
    statements: 1,
    cases: [],
    rules: { 'cast.boolean': 'seen' },
    texts: secrets,
  };
  const target = { clusterIdentifier: null, workgroupName: 'analysts', database: 'dev', dbUser: null };
  const written = reportText(report, { target, bucket: 'our-data', roleArn: secrets.role, region: 'eu-west-1' });
  for (const secret of ['123456789012', '210987654321', 'amazonaws', '10.1.2.3', 'somebody', 'our-data', 'analysts']) {
    expect(written).not.toContain(secret);
  }
  expect(JSON.parse(written)).toMatchObject({ version: '1.0.1234', rules: { 'cast.boolean': 'seen' } });
});
