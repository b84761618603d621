import type { LogMetric } from './metric-filters.ts';
import type { Watched } from './watched.ts';

/** One series of CloudWatch. */
export type Metric = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Maximum' | 'Average' | 'SampleCount';
};

/** One alarm: when it rings, and what its reader does then. */
export type AlarmPlan = {
  /** Last part of its name, after the stack's. */
  readonly key: string;
  readonly description: string;
  /** One series, or several and a formula over their ids. */
  readonly of:
    { readonly metric: Metric } | { readonly metrics: Readonly<Record<string, Metric>>; readonly formula: string };
  readonly rings: 'above' | 'below';
  readonly threshold: number;
  readonly periodSeconds: number;
  /** Rings when so many of the last periods are beyond the threshold. */
  readonly periods: number;
  readonly datapoints: number;
  /** What a period without data says. */
  readonly missing: 'notBreaching' | 'breaching';
};

const MINUTE = 60;

/** Alarms of a stack. Those on the log need a consumer whose log the stack has. */
export function alarmsOf(watched: Watched): readonly AlarmPlan[] {
  return [
    oldestMessage(watched),
    deadLetters(watched),
    // For a cluster with planned pauses the alarm on a message that waits longer than the pause suffices.
    ...(watched.plannedPauseMinutes === null ? [noneLoaded(watched)] : []),
    ...(watched.consumer === null ? [] : [notRunning(watched.consumer), failedLoads(watched), quarantined(watched)]),
  ];
}

export function queueMetric(queue: string, name: string, statistic: Metric['statistic']): Metric {
  return { namespace: 'AWS/SQS', name, dimensions: { QueueName: queue }, statistic };
}

export function logMetric(watched: Watched, name: LogMetric, statistic: Metric['statistic']): Metric {
  return { namespace: watched.namespace, name, dimensions: {}, statistic };
}

export function taskMetric(
  consumer: NonNullable<Watched['consumer']>,
  name: string,
  statistic: Metric['statistic'],
): Metric {
  const dimensions = { ClusterName: consumer.cluster, ServiceName: consumer.service };
  return { namespace: 'AWS/ECS', name, dimensions, statistic };
}

function oldestMessage(watched: Watched): AlarmPlan {
  const { plannedPauseMinutes: pause } = watched;
  const minutes = watched.oldestMessageMinutes + (pause ?? 0);
  return {
    key: 'oldest-message',
    description:
      `A file has waited for more than ${minutes} minutes. The log line "intake.paused" says what the consumer waits for; ` +
      `is the warehouse paused or full?${pause === null ? '' : ' This time includes the longest planned pause of the cluster.'}`,
    of: { metric: queueMetric(watched.queue, 'ApproximateAgeOfOldestMessage', 'Maximum') },
    rings: 'above',
    threshold: minutes * MINUTE,
    periodSeconds: MINUTE,
    periods: 3,
    datapoints: 3,
    missing: 'notBreaching',
  };
}

function deadLetters(watched: Watched): AlarmPlan {
  return {
    key: 'dead-letters',
    description:
      'A message was given up: it is no S3 notification, or was delivered too often. "sparkify dead-letters" says which ' +
      'and why; files that are named are loaded by "sparkify backfill".',
    of: { metric: queueMetric(watched.deadLetterQueue, 'ApproximateNumberOfMessagesVisible', 'Maximum') },
    rings: 'above',
    threshold: 0,
    periodSeconds: 5 * MINUTE,
    periods: 1,
    datapoints: 1,
    missing: 'notBreaching',
  };
}

/**
 * A message is deleted only after all of its files are committed, so that nothing deleted means nothing loaded, wherever
 * the consumer runs. Two quarters of an hour, as the last message of one is rightly deleted in the next.
 */
function noneLoaded(watched: Watched): AlarmPlan {
  return {
    key: 'none-loaded',
    description:
      'Files arrive, but for half an hour none was loaded. Is the consumer running, does it get messages, does the ' +
      'warehouse answer? The log of the consumer says what it waits for.',
    of: {
      metrics: {
        arrived: queueMetric(watched.queue, 'NumberOfMessagesSent', 'Sum'),
        settled: queueMetric(watched.queue, 'NumberOfMessagesDeleted', 'Sum'),
      },
      formula: 'IF(FILL(arrived, 0) > 0 AND FILL(settled, 0) == 0, 1, 0)',
    },
    rings: 'above',
    threshold: 0,
    periodSeconds: 15 * MINUTE,
    periods: 2,
    datapoints: 2,
    missing: 'notBreaching',
  };
}

/**
 * ECS reports utilisation for running tasks only ("Amazon ECS CloudWatch metrics"): no sample, no task. Ten minutes of
 * fifteen, so that it sees a task that starts and ends again and again too.
 */
function notRunning(consumer: NonNullable<Watched['consumer']>): AlarmPlan {
  return {
    key: 'consumer-not-running',
    description:
      'No consumer runs, or it ends again and again. The end of its log says why; files wait in the queue meanwhile and ' +
      'nothing is lost for as long as the queue keeps them.',
    of: { metric: taskMetric(consumer, 'CPUUtilization', 'SampleCount') },
    rings: 'below',
    threshold: 1,
    periodSeconds: MINUTE,
    periods: 15,
    datapoints: 10,
    missing: 'breaching',
  };
}

function failedLoads(watched: Watched): AlarmPlan {
  return {
    key: 'failed-loads',
    description:
      'A batch could not be loaded and its files went back to the queue. The log line "load.failed" has the code and what ' +
      'to do.',
    ...onceSaid(watched, 'LoadsFailed'),
  };
}

function quarantined(watched: Watched): AlarmPlan {
  return {
    key: 'quarantined-files',
    description:
      'A file could not be read and was set aside; the others were loaded. The table ingest_files and the log line ' +
      '"file.quarantined" name file, line and reason.',
    ...onceSaid(watched, 'FilesQuarantined'),
  };
}

/** Rings when the log says it once. */
function onceSaid(watched: Watched, metric: Parameters<typeof logMetric>[1]): Omit<AlarmPlan, 'key' | 'description'> {
  return {
    of: { metric: logMetric(watched, metric, 'Sum') },
    rings: 'above',
    threshold: 0,
    periodSeconds: 5 * MINUTE,
    periods: 1,
    datapoints: 1,
    missing: 'notBreaching',
  };
}
