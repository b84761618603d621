import { beforeAll, describe, expect, it } from 'vitest';
import { scheduleRolePolicy } from '../../../infra/warehouse/pause-policies.ts';
import { dependencies, named, ofType } from '../support/find-resources.ts';
import type { Run } from '../support/run-program.ts';
import { runProgram } from '../support/run-program.ts';

const CLUSTER = /^aws:redshift\/cluster:/;

describe('a cluster', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runProgram();
  });

  it('is private and encrypted, and COPY goes through the VPC', () => {
    expect(named(run, 'warehouse', CLUSTER).inputs).toMatchObject({
      clusterIdentifier: 'sparkify-dev',
      publiclyAccessible: false,
      encrypted: 'true',
      enhancedVpcRouting: true,
      clusterSubnetGroupName: 'sparkify-dev-subnets',
    });
    expect(named(run, 'warehouse', CLUSTER).inputs['vpcSecurityGroupIds']).toHaveLength(1);
  });

  it('refuses connections without TLS', () => {
    expect(named(run, 'warehouse', CLUSTER).inputs).toMatchObject({
      clusterParameterGroupName: 'sparkify-dev-parameters',
    });
    expect(named(run, 'warehouse-parameters').inputs).toMatchObject({
      name: 'sparkify-dev-parameters',
      parameters: [{ name: 'require_ssl', value: 'true' }],
    });
  });

  it('has an administrator whose password is not in the program', () => {
    const { inputs } = named(run, 'warehouse', CLUSTER);
    expect(inputs).toMatchObject({ manageMasterPassword: true });
    expect(Object.keys(inputs).filter((key) => /^masterPassword/.test(key))).toEqual([]);
  });

  it('has the role for COPY and no other', () => {
    const copyRole = 'arn:aws:iam::123456789012:role/sparkify-dev-copy';
    expect(named(run, 'warehouse', CLUSTER).inputs).toMatchObject({ iamRoles: [copyRole] });
  });

  it('has one node of the smallest type by default, and the nodes of the settings otherwise', async () => {
    expect(named(run, 'warehouse', CLUSTER).inputs).toMatchObject({
      clusterType: 'single-node',
      nodeType: 'ra3.large',
      numberOfNodes: 1,
    });
    const larger = await runProgram({ config: { nodeType: 'ra3.4xlarge', nodeCount: 3 } });
    expect(named(larger, 'warehouse', CLUSTER).inputs).toMatchObject({
      clusterType: 'multi-node',
      nodeType: 'ra3.4xlarge',
      numberOfNodes: 3,
    });
  });

  it('takes a final snapshot only if the setting says so, because a snapshot stays and is billed', async () => {
    expect(named(run, 'warehouse', CLUSTER).inputs).toMatchObject({ skipFinalSnapshot: true });
    expect(named(run, 'warehouse', CLUSTER).inputs).not.toHaveProperty('finalSnapshotIdentifier');
    const keeping = await runProgram({ config: { snapshotOnDestroy: true, snapshotDays: 7 } });
    expect(named(keeping, 'warehouse', CLUSTER).inputs).toMatchObject({
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: 'sparkify-dev-final',
      automatedSnapshotRetentionPeriod: 7,
    });
  });

  it('is protected when the stack is', async () => {
    expect(named(run, 'warehouse', CLUSTER).protect).toBe(false);
    const safe = await runProgram({ config: { protect: true } });
    expect(named(safe, 'warehouse', CLUSTER).protect).toBe(true);
  });

  it('is not paused without running hours', () => {
    expect(ofType(run, /ScheduledAction/)).toEqual([]);
    expect(run.resources.filter(({ name }) => name.startsWith('schedule'))).toEqual([]);
  });

  it('is paused and resumed by a role that may pause and resume this cluster only', async () => {
    const paused = await runProgram({ config: { runningHours: '06:00-20:00 mon-fri' } });
    const target = { clusterIdentifier: 'sparkify-dev' };
    expect(named(paused, 'warehouse-pause').inputs).toMatchObject({
      schedule: 'cron(0 20 ? * MON,TUE,WED,THU,FRI *)',
      targetAction: { pauseCluster: target },
    });
    expect(named(paused, 'warehouse-resume').inputs).toMatchObject({
      schedule: 'cron(0 6 ? * MON,TUE,WED,THU,FRI *)',
      targetAction: { resumeCluster: target },
    });
    const policy = String(named(paused, 'schedule-role', /rolePolicy:/).inputs['policy']);
    expect(JSON.parse(policy)).toEqual(
      JSON.parse(JSON.stringify(scheduleRolePolicy('arn:aws:redshift:eu-west-1:123456789012:cluster:sparkify-dev'))),
    );
    expect(String(named(paused, 'schedule-role', /role:Role/).inputs['assumeRolePolicy'])).toContain(
      '"scheduler.redshift.amazonaws.com"',
    );
    // AWS tries the role when the action is made.
    expect(dependencies(paused, 'warehouse-pause')).toContain('schedule-role');
  });
});

describe('a Serverless workgroup', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runProgram({ config: { warehouse: 'serverless', baseCapacity: 4, protect: true } });
  });

  it('is private, and COPY goes through the VPC', () => {
    expect(named(run, 'warehouse').inputs).toMatchObject({
      workgroupName: 'sparkify-dev',
      namespaceName: 'sparkify-dev',
      baseCapacity: 4,
      publiclyAccessible: false,
      enhancedVpcRouting: true,
    });
    expect(named(run, 'warehouse').inputs['subnetIds']).toHaveLength(3);
    expect(ofType(run, CLUSTER)).toEqual([]);
  });

  it('has a namespace with the role for COPY, whose password is not in the program', () => {
    const { inputs } = named(run, 'warehouse-namespace');
    expect(inputs).toMatchObject({
      manageAdminPassword: true,
      dbName: 'sparkify',
      iamRoles: ['arn:aws:iam::123456789012:role/sparkify-dev-copy'],
    });
    expect(Object.keys(inputs).filter((key) => /^adminUserPassword/.test(key))).toEqual([]);
  });

  it('sets no parameters, because the answer of AWS would differ from them at every run', () => {
    expect(named(run, 'warehouse').inputs).not.toHaveProperty('configParameters');
  });

  it('is protected with its namespace when the stack is', () => {
    expect([named(run, 'warehouse').protect, named(run, 'warehouse-namespace').protect]).toEqual([true, true]);
  });

  it('takes no final snapshot, and refuses the setting for one', async () => {
    const config = { warehouse: 'serverless', snapshotOnDestroy: true };
    await expect(runProgram({ config })).rejects.toThrow(
      'snapshotOnDestroy: is true, which has no meaning with warehouse serverless',
    );
  });
});

describe('an existing warehouse', () => {
  it('is not changed', async () => {
    const config = { warehouse: 'existing', existingClusterIdentifier: 'analytics' };
    const run = await runProgram({ config });
    expect(ofType(run, /^aws:redshift(serverless)?\//)).toEqual([]);
    expect(run.outputs).toMatchObject({ clusterIdentifier: 'analytics' });
    expect(ofType(run, /:SecurityGroup$/).map(({ name }) => name)).not.toContain('warehouse-group');
  });

  it('may be a workgroup', async () => {
    const config = {
      warehouse: 'existing',
      existingWorkgroupName: 'analytics',
      existingWorkgroupArn: 'arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/0a1b',
    };
    expect((await runProgram({ config })).outputs).toMatchObject({ workgroupName: 'analytics' });
  });
});
