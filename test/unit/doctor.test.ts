import { describe, expect, it } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { BucketNotifications, QueueDescription, QueueNotification } from '../../src/core/ports.ts';
import { checkNotifications } from '../../src/doctor/check-notifications.ts';
import { checkQueueItself, checkQueuePolicy, checkVisibility } from '../../src/doctor/check-queue.ts';
import { checkEndpoints, checkObjects, checkRegion } from '../../src/doctor/check-reading.ts';
import { checkClock, checkCopyRole, checkGrants } from '../../src/doctor/check-warehouse.ts';
import type { Finding } from '../../src/doctor/findings.ts';
import { unseen } from '../../src/doctor/findings.ts';
import { renderDoctor } from '../../src/terminal/doctor-report.ts';

const ARN = 'arn:aws:sqs:eu-west-1:123456789012:files';
const ROUTE = {
  bucket: 'data',
  logPrefix: 'log_data/',
  songPrefix: 'song_data/',
  workPrefix: 'sparkify-work/',
  onDelete: 'keep',
} as const;

function levels(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ check, level }) => `${level} ${check}`);
}

function notification(change: Partial<QueueNotification>): QueueNotification {
  return { id: 'one', queueArn: ARN, events: ['s3:ObjectCreated:*'], prefix: null, suffix: null, ...change };
}

describe('notifications', () => {
  const both = [notification({ prefix: 'log_data/' }), notification({ id: 'two', prefix: 'song_data/' })];
  const found = (queues: readonly QueueNotification[], isEventBridgeOn = false): BucketNotifications => ({
    queues,
    isEventBridgeOn,
  });
  const check = (seen: BucketNotifications, onDelete: 'keep' | 'remove' = 'keep') =>
    checkNotifications(seen, { queueArn: ARN, route: { ...ROUTE, onDelete } });

  it('of both prefixes to the queue are ok', () => {
    expect(levels(check(found(both)))).toEqual(['ok notifications of log_data/', 'ok notifications of song_data/']);
  });

  it.each([
    [
      'to another queue',
      [notification({ queueArn: `${ARN}-other` })],
      /announces nothing to .*:files; add a queue conf/,
    ],
    ['of another prefix', [notification({ prefix: 'logs/' })], /only s3:ObjectCreated:\* below logs\/ to/],
    [
      'of another event',
      [notification({ events: ['s3:ObjectCreated:Put'], prefix: 'log_data/' })],
      /only s3:ObjectCreated:Put below log_data\/ to/,
    ],
  ])('%s have failed', (_what, queues, sentence) => {
    const findings = check(found(queues));
    expect(findings.map(({ level }) => level)).toEqual(['failed', 'failed']);
    expect(findings[0]?.sentence).toMatch(sentence);
  });

  it.each([
    ['a narrower prefix', notification({ prefix: 'log_data/2018/' }), /only log_data\/2018\/\*; widen/],
    ['a suffix', notification({ suffix: '.json' }), /only \*\.json; widen/],
  ])('with %s are a warning', (_what, queue, sentence) => {
    const [finding] = check(found([queue]));
    expect(finding).toMatchObject({ level: 'warning', sentence: expect.stringMatching(sentence) as string });
  });

  it('through EventBridge are a warning, because its rules are not seen', () => {
    const [finding] = check(found([], true));
    expect(finding).toMatchObject({ level: 'warning', sentence: expect.stringContaining('--send-marker') as string });
  });

  it('of deletions are asked for only when rows are removed', () => {
    expect(levels(check(found(both), 'remove'))).toContain('failed notifications of log_data/ (deletions)');
    const removing = both.map((one) => ({ ...one, events: [...one.events, 's3:ObjectRemoved:*'] }));
    expect(new Set(check(found(removing), 'remove').map(({ level }) => level))).toEqual(new Set(['ok']));
  });

  it('of the work prefix are a warning', () => {
    expect(levels(check(found([notification({})])))).toContain('warning notifications of work files');
  });
});

describe('the queue', () => {
  const allow = (change: object) =>
    JSON.stringify({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'SQS:SendMessage',
          Principal: { Service: 's3.amazonaws.com' },
          Resource: ARN,
          ...change,
        },
      ],
    });
  const queue: QueueDescription = {
    arn: ARN,
    retentionSeconds: 1_209_600,
    policy: allow({}),
    redrive: { deadLetterArn: `${ARN}-dead`, maxReceiveCount: 100 },
  };
  const broken = (change: Partial<QueueDescription>, deadLetterUrl: string | null = null) =>
    levels(checkQueueItself({ ...queue, ...change }, deadLetterUrl)).filter((text) => !text.startsWith('ok'));

  it('as a stack makes it is ok', () => {
    expect(broken({})).toEqual([]);
    expect(checkQueuePolicy(queue).level).toBe('ok');
  });

  it('that is FIFO has failed, with a sentence that says why', () => {
    const [finding] = checkQueueItself({ ...queue, arn: `${ARN}.fifo` }, null);
    expect(finding).toMatchObject({
      level: 'failed',
      sentence: expect.stringMatching(/^S3 does not send .* FIFO/) as string,
    });
  });

  it('without a dead-letter queue has failed, and with only the setting it is a warning', () => {
    expect(broken({ redrive: null })).toEqual(['failed dead-letter queue']);
    expect(broken({ redrive: null }, 'https://sqs/dead')).toEqual(['warning dead-letter queue']);
  });

  it('that gives up early, or forgets early, is a warning', () => {
    expect(broken({ redrive: { deadLetterArn: ARN, maxReceiveCount: 3 } })).toEqual(['warning dead-letter queue']);
    expect(broken({ retentionSeconds: 86_400 })).toEqual(['warning retention']);
  });

  it.each([
    ['none', null],
    ['that is not JSON', '{'],
    ['that denies', allow({ Effect: 'Deny' })],
    ['for another action', allow({ Action: ['sqs:ReceiveMessage'] })],
    ['for another service', allow({ Principal: { Service: 'sns.amazonaws.com' } })],
  ])('with a policy %s does not let S3 send', (_what, policy) => {
    expect(checkQueuePolicy({ ...queue, policy })).toMatchObject({
      level: 'failed',
      sentence: expect.stringContaining('allow sqs:SendMessage') as string,
    });
  });

  it.each([{ Principal: '*' }, { Principal: { Service: ['s3.amazonaws.com'] }, Action: ['sqs:*'] }])(
    'may also say %j',
    (change) => {
      expect(checkQueuePolicy({ ...queue, policy: allow(change) }).level).toBe('ok');
    },
  );

  it('has a lease that is compared with the longest load', () => {
    expect(checkVisibility(120, null).level).toBe('ok');
    expect(checkVisibility(120, 120).level).toBe('ok');
    expect(checkVisibility(120, 121)).toMatchObject({
      level: 'warning',
      sentence: expect.stringContaining('set 242') as string,
    });
  });
});

describe('the warehouse', () => {
  it.each([
    [0, 'ok'],
    [29, 'ok'],
    [30, 'warning'],
    [-299, 'warning'],
    [-300, 'failed'],
  ])('whose clock differs by %i s is %s', (seconds, level) => {
    const nowMs = Date.UTC(2026, 0, 31, 12) + seconds * 1000;
    expect(checkClock({ nowMs }, '2026-01-31 12:00:00').level).toBe(level);
  });

  const may = { may_select: true, may_insert: true, may_update: true, may_delete: true };
  const rows = [
    { table_name: 'songplays', owner: 'etl', ...may },
    { table_name: 'users', owner: 'etl', ...may },
    { table_name: 'foreign', owner: 'else', may_select: false },
  ];
  const TABLES = ['songplays', 'users'];

  it('lets the owner load and migrate, and another user with all grants only load', () => {
    expect(checkGrants(rows, TABLES, 'etl').level).toBe('ok');
    expect(checkGrants(rows, TABLES, 'loader')).toMatchObject({
      level: 'warning',
      sentence: expect.stringMatching(/etl owns 2 tables; only the owner/) as string,
    });
  });

  it('cannot be judged without a table', () => {
    expect(checkGrants([], TABLES, 'etl')).toMatchObject({ level: 'failed' });
  });

  it('names each missing grant', () => {
    const lacking = rows.map((row) =>
      row.table_name === 'users' ? { ...row, may_delete: false, may_insert: false } : row,
    );
    expect(checkGrants(lacking, TABLES, 'loader')).toMatchObject({
      level: 'failed',
      sentence: expect.stringMatching(/loader lacks insert, delete on users; let the owner \(etl\)/) as string,
    });
  });

  it('has the role of COPY, or has failed', () => {
    expect(checkCopyRole('arn:role/copy', ['arn:role/copy']).level).toBe('ok');
    expect(checkCopyRole('arn:role/copy', null).level).toBe('warning');
    expect(checkCopyRole('arn:role/copy', ['arn:role/other'])).toMatchObject({
      level: 'failed',
      sentence: expect.stringContaining('which has arn:role/other; attach it') as string,
    });
  });
});

describe('the bucket', () => {
  it('has the region of the settings, or has failed with the setting', () => {
    expect(checkRegion('eu-west-1', 'eu-west-1').level).toBe('ok');
    expect(checkRegion('eu-west-1', 'us-east-1')).toMatchObject({
      level: 'failed',
      sentence: expect.stringContaining('set AWS_REGION=eu-west-1') as string,
    });
  });

  it('has objects of which some, all or none can be read', () => {
    const unreadable = [{ key: 'log_data/a.json', sentence: 'Access Denied' }];
    expect(checkObjects('log_data/', { readable: 0, unreadable: [] }).level).toBe('ok');
    expect(checkObjects('log_data/', { readable: 9, unreadable }).level).toBe('warning');
    expect(checkObjects('log_data/', { readable: 0, unreadable })).toMatchObject({
      level: 'failed',
      sentence: expect.stringContaining('log_data/a.json: Access Denied') as string,
    });
  });
});

it('names the endpoints that are not those of AWS', () => {
  expect(checkEndpoints({ AWS_REGION: 'x', AWS_ENDPOINT_URL_S3: '' }).sentence).toBe('those of AWS');
  expect(checkEndpoints({ AWS_ENDPOINT_URL_SQS: 'http://here:1' }).sentence).toBe('AWS_ENDPOINT_URL_SQS=http://here:1');
});

it('a refused look has failed where the service needs the permission, and is a warning elsewhere', () => {
  const denied = new IngestError('access_denied', 'AccessDenied.');
  expect(unseen('x', denied, { needs: 's3:ListBucket', isOfService: true })).toMatchObject({
    level: 'failed',
    sentence: expect.stringContaining('s3:ListBucket is refused') as string,
  });
  expect(unseen('x', denied, { needs: 's3:GetBucketNotification', isOfService: false }).level).toBe('warning');
  const missing = new IngestError('bucket_missing', 'The bucket does not exist.');
  expect(unseen('x', missing, { needs: 's3:ListBucket', isOfService: false })).toMatchObject({
    level: 'failed',
    sentence: 'The bucket does not exist.',
  });
});

it.each([60, 80])('the report fits into %i columns and counts', (width) => {
  const findings = [
    checkRegion('eu-west-1', 'us-east-1'),
    checkCopyRole('arn:aws:iam::123456789012:role/copy', null),
    checkEndpoints({}),
  ];
  const lines = renderDoctor(findings, width).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  expect(lines.at(-2)).toBe('1 ok, 1 warnings, 1 failed');
});
