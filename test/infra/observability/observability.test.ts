import { beforeAll, describe, expect, it } from 'vitest';
import { dependencies, named, ofType } from '../support/find-resources.ts';
import type { Run } from '../support/run-program.ts';
import { runProgram } from '../support/run-program.ts';

const ALARM = /metricAlarm:MetricAlarm$/;
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:on-call';

describe('alarms of a stack', () => {
  let run: Run;
  beforeAll(async () => {
    run = await runProgram({ config: { alarmEmail: 'data@example.com' } });
  });

  it('notify the address of the setting when they ring and when they stop', () => {
    const topic = 'arn:aws:sns:eu-west-1:123456789012:sparkify-dev-alarms';
    expect(named(run, 'alarm-email').inputs).toMatchObject({ topic, protocol: 'email', endpoint: 'data@example.com' });
    expect(ofType(run, ALARM)).toHaveLength(8);
    for (const { inputs } of ofType(run, ALARM))
      expect(inputs).toMatchObject({ alarmActions: [topic], okActions: [topic] });
  });

  it('use a topic to which only CloudWatch may write, for alarms of this account', () => {
    const policy = JSON.parse(String(named(run, 'alarm-topic', /topicPolicy:/).inputs['policy'])) as {
      Statement: unknown[];
    };
    expect(policy.Statement).toEqual([
      {
        Sid: 'AlarmsOfThisAccount',
        Effect: 'Allow',
        Principal: { Service: ['cloudwatch.amazonaws.com'] },
        Action: ['sns:Publish'],
        Resource: ['arn:aws:sns:eu-west-1:123456789012:sparkify-dev-alarms'],
        Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
      },
    ]);
  });

  it('are created after the permission of their topic', () => {
    const needed = named(run, 'alarm-dead-letters').dependencies;
    expect(needed.filter((urn) => urn.includes('topicPolicy:TopicPolicy'))).toHaveLength(1);
  });

  it('use an existing topic or none, without a topic of the stack', async () => {
    const given = await runProgram({ config: { alarmTopicArn: TOPIC } });
    for (const { inputs } of ofType(given, ALARM)) expect(inputs).toMatchObject({ alarmActions: [TOPIC] });
    const silent = await runProgram();
    for (const { inputs } of ofType(silent, ALARM)) expect(inputs).toMatchObject({ alarmActions: [] });
    for (const other of [given, silent]) expect(ofType(other, /^aws:sns\//)).toEqual([]);
  });

  it('are created after the consumer and deleted before it', () => {
    expect(dependencies(run, 'alarm-consumer-not-running')).toContain('consumer');
    expect(dependencies(run, 'alarm-oldest-message')).not.toContain('consumer');
  });

  it('look at the queues, the tasks and the log of this stack', () => {
    const text = JSON.stringify(ofType(run, ALARM).map(({ inputs }) => inputs));
    const made = (name: string, type: RegExp, key: string) => String(named(run, name, type).inputs[key]);
    expect(text).toContain(`"QueueName":"${made('queue', /queue:Queue/, 'name')}"`);
    expect(text).toContain(`"QueueName":"${made('dead-letter-queue', /./, 'name')}"`);
    expect(text).toContain(`"ServiceName":"${made('consumer', /service:Service/, 'name')}"`);
    expect(text).toContain(`"ClusterName":"${made('consumer-cluster', /./, 'name')}"`);
    for (const { inputs } of ofType(run, /logMetricFilter/)) {
      expect(inputs).toMatchObject({
        logGroupName: made('consumer-log', /./, 'name'),
        metricTransformation: { namespace: 'sparkify-dev' },
      });
    }
  });

  it('are made of one metric, or of several with exactly one formula that is returned', () => {
    for (const { inputs } of ofType(run, ALARM)) {
      const queries = inputs['metricQueries'] as readonly { returnData: boolean }[] | undefined;
      if (queries === undefined) expect(inputs).toHaveProperty('metricName');
      else expect(queries.filter(({ returnData }) => returnData)).toHaveLength(1);
    }
  });
});

describe('the dashboard of a stack', () => {
  it('shows all of its alarms', async () => {
    const run = await runProgram();
    const body = JSON.parse(String(named(run, 'dashboard').inputs['dashboardBody'])) as {
      widgets: { type: string; properties: { alarms?: string[] } }[];
    };
    const shown = body.widgets.find(({ type }) => type === 'alarm')?.properties.alarms;
    expect(shown).toHaveLength(8);
    for (const { inputs } of ofType(run, ALARM)) {
      expect(shown).toContain(`arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${String(inputs['name'])}`);
    }
  });
});
