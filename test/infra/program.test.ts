import { beforeAll, describe, expect, it } from 'vitest';
import { LONGEST_NAMES, namesOf } from '../../infra/aws/names.ts';
import { RULES, ofType } from './support/rules.ts';
import { runProgram } from './support/run-program.ts';
import type { Resource, Run } from './support/run-program.ts';
import { settingsWith } from './support/settings-source.ts';
import { STACKS, STACK_NAMES } from './support/stacks.ts';

const runs = new Map<string, Run>();
beforeAll(async () => {
  for (const name of STACK_NAMES) runs.set(name, await runProgram({ config: STACKS[name] }));
});

function runOf(name: string): Run {
  const run = runs.get(name);
  if (run === undefined) throw new Error(`The tests have no stack "${name}".`);
  return run;
}

function one(run: Run, name: string): Resource {
  const found = run.resources.filter((resource) => resource.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} resources are called ${name}.`);
  return only;
}

/** Whether `later` is made only when `earlier` is there, by whatever way. */
function comesAfter(run: Run, later: string, earlier: string): boolean {
  const byUrn = new Map(run.resources.map((resource) => [resource.urn, resource]));
  const seen = new Set<string>();
  const todo = [...one(run, later).dependencies];
  for (let urn = todo.pop(); urn !== undefined; urn = todo.pop()) {
    if (seen.has(urn)) continue;
    seen.add(urn);
    todo.push(...(byUrn.get(urn)?.dependencies ?? []));
  }
  return seen.has(one(run, earlier).urn);
}

/** All that the engine compares between two runs. */
function asked({ resources }: Run): readonly string[] {
  return resources.map(({ urn, inputs, protect }) => JSON.stringify({ urn, inputs, protect })).sort();
}

describe.each(STACK_NAMES)('%s', (name) => {
  it.each(RULES)('$name', ({ broken }) => {
    expect(broken(runOf(name))).toEqual([]);
  });

  it('asks for the same resources when it runs again', async () => {
    const again = await runProgram({ config: STACKS[name] });
    expect(asked(again)).toEqual(asked(runOf(name)));
    expect(again.outputs).toEqual(runOf(name).outputs);
  });

  it('can be previewed before any resource exists', async () => {
    const preview = await runProgram({ config: STACKS[name], preview: true });
    const types = (run: Run) => run.resources.map(({ urn }) => urn).sort();
    expect(types(preview)).toEqual(types(runOf(name)));
  });

  it('protects bucket, queues and warehouse if the settings say so, and nothing else', () => {
    const { resources } = runOf(name);
    const isKept = ({ type }: Resource) =>
      /:(Bucket|Queue|Namespace|Workgroup)$|redshift\/cluster:Cluster$/.test(type) && !type.startsWith('pulumi:');
    const expected = settingsWith(STACKS[name]).protect ? resources.filter(isKept) : [];
    const urns = (some: readonly Resource[]) => some.map(({ urn }) => urn).sort();
    expect(urns(resources.filter(({ protect }) => protect))).toEqual(urns(expected));
  });

  it('leaves on destroy only a bucket that it may not empty, with the settings that keep the bucket private', () => {
    const { bucket } = settingsWith(STACKS[name]).data;
    const stays = bucket.kind === 'new' && !bucket.forceDestroy;
    // An image goes with its repository, which is deleted with all that is in it.
    const left = runOf(name).resources.filter(({ retainOnDelete, type }) => retainOnDelete && !isImage(type));
    expect(left.length > 0).toBe(stays);
    expect(left.filter(({ type }) => !type.startsWith('aws:s3/'))).toEqual([]);
    expect(left.filter(({ type }) => type.endsWith('Notification'))).toEqual([]);
  });

  it('allows notifications on the queue before it configures them', () => {
    const run = runOf(name);
    const announcer = run.resources.find(({ type }) => /:(BucketNotification|EventTarget)$/.test(type));
    expect(comesAfter(run, announcer?.name ?? '', 'queue-policy')).toBe(true);
  });

  it('gives resources of one kind different names', () => {
    const named = runOf(name).resources.flatMap(({ type, inputs }) =>
      typeof inputs['name'] === 'string' ? [`${type} ${inputs['name']}`] : [],
    );
    expect(new Set(named).size).toBe(named.length);
  });
});

describe('the order in which things are made', () => {
  it.each([
    ['bucket-policy', 'bucket-public-access'],
    ['consumer', 'service-policy'],
    ['consumer', 'execution-policy'],
    ['consumer', 'copy-policy'],
    ['consumer', 'database-user'],
    ['consumer', 'endpoint-sqs'],
    ['consumer', 'endpoint-redshift-data'],
    ['consumer', 'endpoint-s3'],
    ['consumer', 'image'],
    ['database-user', 'database-user-procedure'],
    ['database-user-procedure', 'warehouse'],
    ['warehouse', 'copy-role'],
    ['redrive-allow', 'queue'],
    ['queue', 'dead-letter-queue'],
  ])('%s comes after %s', (later, earlier) => {
    expect(comesAfter(runOf('as it comes'), later, earlier)).toBe(true);
  });

  it('the dead-letter queue accepts undeliverable events before a rule has a target', () => {
    const run = runOf('an existing cluster, whose user an administrator makes');
    expect(comesAfter(run, 'event-target', 'dead-letter-queue-policy')).toBe(true);
  });

  it('versioning is on before a lifecycle rule names old versions', () => {
    expect(comesAfter(runOf('everything turned the other way'), 'bucket-lifecycle', 'bucket-versioning')).toBe(true);
  });
});

describe('which parts there are', () => {
  it('no consumer: no task, image, log or network of its own', () => {
    const run = runOf('an existing workgroup, and no consumer');
    const own = run.resources.filter(({ type }) => /ecs|ecr|docker|logGroup|ec2/.test(type));
    expect(own).toEqual([]);
    expect(run.resources.filter(({ name }) => name === 'execution-role')).toEqual([]);
  });

  it('an existing warehouse: the stack creates nothing in Redshift, and its outputs have the commands for a person', () => {
    const run = runOf('an existing cluster, whose user an administrator makes');
    expect(run.resources.filter(({ type }) => type.startsWith('aws:redshift'))).toEqual([]);
    const left = run.outputs['leftToDo'] as readonly string[];
    expect(left).toHaveLength(3);
    expect(left[0]).toContain('put-bucket-notification-configuration --bucket music');
    expect(left[1]).toContain('--cluster-identifier analytics --add-iam-roles arn:aws:iam::123456789012:role/');
    expect(left[2]).toContain(`create user "loader" password disable`);
  });

  it('a stack that can do everything leaves no step to a person', () => {
    expect(runOf('as it comes').outputs['leftToDo']).toEqual([]);
    expect(runOf('an existing cluster, whose user the stack makes').outputs['leftToDo']).toEqual([]);
  });

  it('an existing bucket: the stack does not configure it, and gets its files through EventBridge', () => {
    const run = runOf('an existing cluster, whose user an administrator makes');
    expect(run.resources.filter(({ type }) => type.startsWith('aws:s3/'))).toEqual([]);
    expect(JSON.parse(String(one(run, 'event-rule').inputs['eventPattern']))).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['music'] }, object: { key: [{ prefix: 'log_data/' }, { prefix: 'song_data/' }] } },
    });
  });

  it('an existing bucket: with onDelete remove the rule lets explicit deletions through, and no expiration', async () => {
    const config = { ...STACKS['an existing cluster, whose user an administrator makes'], onDelete: 'remove' };
    const { eventPattern } = one(await runProgram({ config }), 'event-rule').inputs;
    const files = { bucket: { name: ['music'] }, object: { key: [{ prefix: 'log_data/' }, { prefix: 'song_data/' }] } };
    expect(JSON.parse(String(eventPattern))).toEqual({
      source: ['aws.s3'],
      $or: [
        { 'detail-type': ['Object Created'], detail: files },
        { 'detail-type': ['Object Deleted'], detail: { ...files, reason: ['DeleteObject'] } },
      ],
    });
  });

  it('a bucket that the stack configures announces logs and songs, and not the files of the service', () => {
    const announced = (name: string) =>
      one(runOf(name), 'bucket-notification').inputs['queues'] as readonly Record<string, unknown>[];
    const queues = announced('Serverless');
    expect(queues.map(({ filterPrefix }) => filterPrefix)).toEqual(['raw/logs/', 'song_data/']);
    expect(queues.map(({ events }) => events)).toEqual([['s3:ObjectCreated:*'], ['s3:ObjectCreated:*']]);
    for (const name of ['everything turned the other way', 'an existing cluster, whose user the stack makes']) {
      const removing = announced(name);
      expect(removing.map(({ filterPrefix }) => filterPrefix)).toEqual(['log_data/', 'song_data/']);
      for (const { events } of removing) expect(events).toEqual(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']);
    }
  });

  it('the service does with deletions what the stack announces', () => {
    expect(runOf('as it comes').outputs['onDelete']).toBe('keep');
    expect(runOf('everything turned the other way').outputs['onDelete']).toBe('remove');
  });

  it('the queue has the lease and the retention of the settings and polls long', () => {
    const { inputs } = one(runOf('as it comes'), 'queue');
    expect(inputs).toMatchObject({
      visibilityTimeoutSeconds: 120,
      messageRetentionSeconds: 864_000,
      receiveWaitTimeSeconds: 20,
    });
    expect(JSON.parse(String(inputs['redrivePolicy']))).toEqual({
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:123456789012:sparkify-dev-dead-letters',
      maxReceiveCount: 100,
    });
  });

  it('work files expire and no others, with and without versioning', () => {
    const rules = (name: string) =>
      one(runOf(name), 'bucket-lifecycle').inputs['rules'] as readonly Record<string, unknown>[];
    expect(rules('as it comes')[0]).toEqual({
      id: 'work-files',
      status: 'Enabled',
      filter: { prefix: 'sparkify-work/' },
      expiration: { days: 7 },
    });
    const versioned = rules('everything turned the other way');
    expect(versioned[0]).toMatchObject({ noncurrentVersionExpiration: { noncurrentDays: 7 } });
    expect(versioned.slice(1).filter(({ expiration }) => expiration !== undefined)).toEqual([]);
  });

  it('the provider has the region, the account, the tags and the address of the settings', () => {
    const turned = ofType(runOf('everything turned the other way'), 'aws')[0]?.inputs ?? {};
    expect(turned['region']).toBe('us-east-2');
    expect(JSON.parse(String(turned['allowedAccountIds']))).toEqual(['123456789012']);
    expect(JSON.parse(String(turned['defaultTags']))).toEqual({
      tags: { project: 'sparkify-ingest', stack: 'dev', team: 'data', cost: 'music' },
    });
    const emulated = ofType(runOf('an emulator'), 'aws')[0]?.inputs ?? {};
    expect(JSON.parse(String(emulated['endpoints']))).toMatchObject([
      { s3: 'http://localhost:4566', sts: 'http://localhost:4566' },
    ]);
  });
});

describe('a stack with a long name', () => {
  it('has no name that is too long for AWS', async () => {
    const stack = 'A_stack.with-a-name-as-long-as-Pulumi-takes-'.padEnd(100, 'x');
    const { resources } = await runProgram({ config: STACKS['everything turned the other way'], stack });
    const longest = Math.max(...Object.values(LONGEST_NAMES));
    const names = Object.values(namesOf(stack));
    const named = resources.flatMap(({ inputs }) =>
      ['name', 'clusterIdentifier', 'family', 'finalSnapshotIdentifier'].flatMap((key) => {
        const value = inputs[key];
        return typeof value === 'string' && value.startsWith('sparkify-') ? [value] : [];
      }),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => name.length > longest)).toEqual([]);
    // Each is of the table whose lengths a property holds, or adds to one of it.
    expect(named.filter((name) => !names.some((known) => name.startsWith(known)))).toEqual([]);
  });
});

function isImage(type: string): boolean {
  return type === 'docker-build:index:Image';
}
