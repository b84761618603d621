import type { LogMetric } from './metric-filters.ts';
import type { Watched } from './watched.ts';

/** One series of CloudWatch. */
export type Metric = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Maximum' | 'Average' | 'SampleCount';
};

/** One alarm: when it rings, and what to do then. */
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
  /** The alarm rings when `datapoints` of the last `periods` are beyond the threshold. */
  readonly periods: number;
  readonly datapoints: number;
  /** How CloudWatch treats a period without data. */
  readonly missing: 'notBreaching' | 'breaching' | 'ignore';
};

const MINUTE = 60;

/** Alarms of a stack, each with the section of the runbook in its description. Alarms on the log need a consumer of the stack. */
export function alarmsOf(watched: Watched): readonly AlarmPlan[] {
  const { consumer, plannedPauseMinutes } = watched;
  const alarms = [
    oldestMessage(watched),
    deadLetters(watched),
    // For a cluster with planned pauses the alarm on a message that waits longer than the pause suffices.
    ...(plannedPauseMinutes === null ? [noneLoaded(watched)] : []),
    ...(consumer === null
      ? []
      : [notRunning(consumer), behind(watched), paused(watched), failedLoads(watched), quarantined(watched)]),
  ];
  return alarms.map((alarm) => ({ ...alarm, description: `${alarm.description} See docs/runbook.md#${alarm.key}.` }));
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
      `A file has waited in the queue for more than ${minutes} minutes. Check whether the warehouse is paused or full; the ` +
      `log line "intake.paused" names the reason.${pause === null ? '' : ' This time includes the longest planned pause of the cluster.'}`,
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
      'A message reached the dead-letter queue: it is not an S3 notification, or SQS delivered it too often. Run "sparkify ' +
      'dead-letters" for the reasons, and "sparkify backfill" to load the files that the messages name.',
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
 * The consumer deletes a message only after it has committed all files of the message, so no deleted message means no
 * loaded file, wherever the consumer runs. Two periods, because a message may arrive in one and be deleted in the next.
 */
function noneLoaded(watched: Watched): AlarmPlan {
  return {
    key: 'none-loaded',
    description:
      'Files arrive, but the consumer has loaded none for half an hour. Check that the consumer runs, receives messages ' +
      'and reaches the warehouse; its log names what it waits for.',
    of: {
      metrics: {
        arrived: queueMetric(watched.queue, 'NumberOfMessagesSent', 'Sum'),
        deleted: queueMetric(watched.queue, 'NumberOfMessagesDeleted', 'Sum'),
      },
      formula: 'IF(FILL(arrived, 0) > 0 AND FILL(deleted, 0) == 0, 1, 0)',
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
 * ECS reports utilisation for running tasks only ("Amazon ECS CloudWatch metrics"). Ten minutes of fifteen, so that the
 * alarm also rings for a task that starts and stops again and again.
 */
function notRunning(consumer: NonNullable<Watched['consumer']>): AlarmPlan {
  return {
    key: 'consumer-not-running',
    description:
      'The consumer is not running, or it stops again and again. The end of its log has the reason. Files wait in the ' +
      'queue for as long as the queue keeps messages.',
    of: { metric: taskMetric(consumer, 'CPUUtilization', 'SampleCount') },
    rings: 'below',
    threshold: 1,
    periodSeconds: MINUTE,
    periods: 15,
    datapoints: 10,
    missing: 'breaching',
  };
}

/**
 * Twice what the settings let a file wait, and a minute, as `behindLimitMs` in `src/core/measures.ts` says, because an interval of 15
 * minutes is a choice. A planned pause of the cluster comes on top.
 */
function behind(watched: Watched): AlarmPlan {
  const allowedMs = 60_000 + (watched.plannedPauseMinutes ?? 0) * 60_000;
  return {
    key: 'behind',
    description:
      'The consumer holds a file for longer than twice the time that its settings let a file wait, and a minute. The log ' +
      'names what the consumer waits for: "intake.paused", "load.retried" or "rest.begun".',
    of: {
      metrics: {
        behind: logMetric(watched, 'BehindMilliseconds', 'Maximum'),
        expected: logMetric(watched, 'ExpectedMilliseconds', 'Maximum'),
      },
      formula: `IF(behind > 2 * expected + ${allowedMs}, 1, 0)`,
    },
    rings: 'above',
    threshold: 0,
    periodSeconds: MINUTE,
    periods: 5,
    datapoints: 5,
    missing: 'notBreaching',
  };
}

const PAUSED_MINUTES = 15;

function paused(watched: Watched): AlarmPlan {
  const minutes = PAUSED_MINUTES + (watched.plannedPauseMinutes ?? 0);
  return {
    key: 'paused',
    description:
      `The consumer has received nothing for more than ${minutes} minutes, because the queue, the bucket or the warehouse does not answer. It ` +
      'resumes automatically. The log line "intake.paused" has the error code and what to do.',
    of: { metric: logMetric(watched, 'PausedMilliseconds', 'Maximum') },
    rings: 'above',
    threshold: minutes * 60_000,
    periodSeconds: MINUTE,
    periods: 3,
    datapoints: 3,
    missing: 'notBreaching',
  };
}

function failedLoads(watched: Watched): AlarmPlan {
  return {
    key: 'failed-loads',
    description:
      'A batch could not be loaded, and its messages went back to the queue. The log line "load.failed" has the error code ' +
      'and what to do.',
    of: { metric: logMetric(watched, 'LoadsFailed', 'Sum') },
    rings: 'above',
    threshold: 0,
    periodSeconds: 5 * MINUTE,
    periods: 1,
    datapoints: 1,
    missing: 'notBreaching',
  };
}

/** Until the file is repaired. A consumer logs the number when it has read the ledger; until then the alarm keeps its state. */
function quarantined(watched: Watched): AlarmPlan {
  return {
    key: 'quarantined-files',
    description:
      'A file could not be read and is quarantined; the other files were loaded. "sparkify files --bad" names the file, the ' +
      'line and the reason.',
    of: { metric: logMetric(watched, 'FilesQuarantinedOpen', 'Maximum') },
    rings: 'above',
    threshold: 0,
    periodSeconds: 5 * MINUTE,
    periods: 1,
    datapoints: 1,
    missing: 'ignore',
  };
}
