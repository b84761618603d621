import { Dashboard } from '@pulumi/aws/cloudwatch/dashboard.js';
import type { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { LogMetricFilter } from '@pulumi/aws/cloudwatch/logMetricFilter.js';
import { MetricAlarm } from '@pulumi/aws/cloudwatch/metricAlarm.js';
import { Topic } from '@pulumi/aws/sns/topic.js';
import { TopicPolicy } from '@pulumi/aws/sns/topicPolicy.js';
import { TopicSubscription } from '@pulumi/aws/sns/topicSubscription.js';
import { all, jsonStringify, output } from '@pulumi/pulumi';
import type { Output } from '@pulumi/pulumi';
import type { Consumer } from '../consumer/create-consumer.ts';
import type { Context } from '../context.ts';
import { alarmTopicPolicy } from './alarm-topic-policy.ts';
import { alarmsOf } from './alarms.ts';
import type { AlarmPlan, Metric } from './alarms.ts';
import { METRIC_FILTERS, defaultValue } from './metric-filters.ts';
import { watchedOf } from './watched.ts';
import type { Watched } from './watched.ts';
import { dashboardBody } from './dashboard.ts';
import { accountOf } from '../aws/partition.ts';

/** Where to look. */
export type Observability = {
  /** Topic of the alarms; `null` without a recipient. */
  readonly alarmTopicArn: Output<string> | null;
  readonly dashboardName: Output<string>;
};

type Dependencies = {
  /** `null` without a consumer of the stack. */
  readonly log: LogGroup | null;
  readonly consumer: Consumer | null;
};

/** Metrics from the log, alarms on them and on the queue, and a dashboard of what they look at. */
export function createObservability(context: Context, { log, consumer }: Dependencies): Observability {
  const watched = watchedOf(context.settings, context.names);
  if (log !== null) createMetricFilters(context, watched, log);
  const topicArn = alarmTopic(context);
  const alarms = alarmsOf(watched).map((plan) => createAlarm(context, { watched, plan, topicArn, consumer }));
  return { alarmTopicArn: topicArn, dashboardName: createDashboard(context, watched, alarms) };
}

function createMetricFilters({ provider }: Context, { namespace }: Watched, log: LogGroup): void {
  for (const filter of METRIC_FILTERS) {
    const fallback = defaultValue(filter);
    new LogMetricFilter(
      `log-${filter.metric}`,
      {
        name: filter.metric,
        logGroupName: log.name,
        pattern: filter.pattern,
        metricTransformation: {
          namespace,
          name: filter.metric,
          value: filter.value,
          unit: filter.unit,
          ...(fallback === null ? {} : { defaultValue: fallback }),
        },
      },
      { provider },
    );
  }
}

/** The topic named in the settings, or one of the stack with the address as its only subscriber. */
function alarmTopic({ settings, names, provider }: Context): Output<string> | null {
  const { target } = settings.alarms;
  switch (target.kind) {
    case 'none':
      return null;
    case 'topic':
      return output(target.arn);
    case 'email': {
      // Not encrypted with the key that AWS keeps for SNS: CloudWatch may not use it, and alarms would not arrive (SNS
      // developer guide, "Enable compatibility between event sources and encrypted topics"). Alarms name no data.
      const topic = new Topic('alarm-topic', { name: names.alarmTopic }, { provider });
      const policy = jsonStringify(
        topic.arn.apply((arn) => alarmTopicPolicy({ topicArn: arn, account: accountOf(arn) })),
      );
      const permission = new TopicPolicy('alarm-topic', { arn: topic.arn, policy }, { provider });
      new TopicSubscription(
        'alarm-email',
        { topic: topic.arn, protocol: 'email', endpoint: target.address },
        { provider },
      );
      // Alarms that name the topic come after CloudWatch may write to it.
      return all([topic.arn, permission.id]).apply(([arn]) => arn);
    }
  }
}

type AlarmParts = {
  readonly watched: Watched;
  readonly plan: AlarmPlan;
  readonly topicArn: Output<string> | null;
  readonly consumer: Consumer | null;
};

function createAlarm({ provider }: Context, { watched, plan, topicArn, consumer }: AlarmParts): MetricAlarm {
  const actions = topicArn === null ? [] : [topicArn];
  // What rings when nothing is heard comes after what is to be heard, and goes before it.
  const after = plan.missing === 'breaching' && consumer !== null ? [consumer.service] : [];
  return new MetricAlarm(
    `alarm-${plan.key}`,
    {
      name: `${watched.alarmPrefix}-${plan.key}`,
      alarmDescription: plan.description,
      ...observed(plan),
      comparisonOperator: plan.rings === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
      threshold: plan.threshold,
      evaluationPeriods: plan.periods,
      datapointsToAlarm: plan.datapoints,
      treatMissingData: plan.missing,
      alarmActions: actions,
      okActions: actions,
    },
    { provider, dependsOn: after },
  );
}

function observed({ of, periodSeconds }: AlarmPlan) {
  if ('metric' in of) {
    const { namespace, name, dimensions, statistic } = of.metric;
    return { namespace, metricName: name, dimensions: { ...dimensions }, statistic, period: periodSeconds };
  }
  const query = ([id, metric]: [string, Metric]) => ({
    id,
    returnData: false,
    metric: {
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: { ...metric.dimensions },
      stat: metric.statistic,
      period: periodSeconds,
    },
  });
  const formula = { id: 'rings', expression: of.formula, label: 'rings', returnData: true };
  return { metricQueries: [...Object.entries(of.metrics).map(query), formula] };
}

function createDashboard(
  { names, provider }: Context,
  watched: Watched,
  alarms: readonly MetricAlarm[],
): Output<string> {
  const body = jsonStringify(all(alarms.map(({ arn }) => arn)).apply((arns) => dashboardBody(watched, arns)));
  const dashboard = new Dashboard('dashboard', { dashboardName: names.dashboard, dashboardBody: body }, { provider });
  return dashboard.dashboardName;
}
