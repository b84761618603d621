import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alarmsOf } from '../../../infra/observability/alarms.ts';
import type { AlarmPlan, Metric } from '../../../infra/observability/alarms.ts';
import { METRIC_FILTERS } from '../../../infra/observability/metric-filters.ts';
import { watchedOf } from '../../../infra/observability/watched.ts';
import { pauseScheduleOf } from '../../../infra/settings/running-hours.ts';
import { dashboardBody, placed } from '../../../infra/observability/dashboard.ts';
import { behindLimitMs } from '../../../src/core/measures.ts';
import { LONGEST_NAMES, namesOf } from '../../../infra/aws/names.ts';
import type { StackConfig } from '../support/settings-source.ts';
import { settingsWith } from '../support/settings-source.ts';

const NO_CONSUMER: StackConfig = {
  consumer: 'none',
  trustedPrincipalArns: ['arn:aws:iam::123456789012:role/runner'],
};
const watchedWith = (config: StackConfig = {}, stack = 'dev') => watchedOf(settingsWith(config), namesOf(stack));
const keys = (alarms: readonly AlarmPlan[]) => alarms.map(({ key }) => key);

function metricsOf({ of }: AlarmPlan): readonly Metric[] {
  return 'metric' in of ? [of.metric] : Object.values(of.metrics);
}

describe('alarms', () => {
  it('ring for waiting files, dead letters, no loads, no consumer, behind, a pause, failed loads and bad files', () => {
    expect(keys(alarmsOf(watchedWith()))).toEqual([
      'oldest-message',
      'dead-letters',
      'none-loaded',
      'consumer-not-running',
      'behind',
      'paused',
      'failed-loads',
      'quarantined-files',
    ]);
  });

  it('use the queues only when the consumer runs elsewhere', () => {
    const alarms = alarmsOf(watchedWith(NO_CONSUMER));
    expect(keys(alarms)).toEqual(['oldest-message', 'dead-letters', 'none-loaded']);
    for (const metric of alarms.flatMap(metricsOf)) expect(metric.namespace).toBe('AWS/SQS');
  });

  it('use metrics of the log that a filter makes, in the namespace of the stack', () => {
    const watched = watchedWith();
    const made: readonly string[] = METRIC_FILTERS.map(({ metric }) => metric);
    const own = alarmsOf(watched)
      .flatMap(metricsOf)
      .filter(({ namespace }) => namespace === watched.namespace);
    expect(own.map(({ name }) => name)).toEqual([
      ...['BehindMilliseconds', 'ExpectedMilliseconds', 'PausedMilliseconds'],
      ...['LoadsFailed', 'FilesQuarantinedOpen'],
    ]);
    for (const { name } of own) expect(made).toContain(name);
  });

  it('treat missing data as breaching for a stopped consumer only, and keep their state for what is not known yet', () => {
    const others = { 'consumer-not-running': 'breaching', 'quarantined-files': 'ignore' };
    for (const { key, missing } of alarmsOf(watchedWith())) {
      expect(missing, key).toBe(new Map(Object.entries(others)).get(key) ?? 'notBreaching');
    }
  });

  it('name the section of the runbook that says what to do', () => {
    const alarms = alarmsOf(watchedWith());
    for (const { description, key } of alarms) expect(description).toContain(`See docs/runbook.md#${key}.`);
    const text = JSON.stringify(dashboardBody(watchedWith(), []));
    for (const { key } of alarms) expect(text).toContain(`docs/runbook.md#${key}`);
  });

  it('ring above twice what the settings let a file wait and a minute, and above a planned pause', () => {
    const formula = (config?: StackConfig) => {
      const of = alarmsOf(watchedWith(config)).find(({ key }) => key === 'behind')?.of;
      return of !== undefined && 'formula' in of ? of.formula : null;
    };
    const limitMs = behindLimitMs(1_000) - 2_000;
    expect(formula()).toBe(`IF(behind > 2 * expected + ${limitMs}, 1, 0)`);
    const pauseMs = 10 * 3_600_000;
    expect(formula({ runningHours: '06:00-20:00 mon-sun' })).toBe(
      `IF(behind > 2 * expected + ${limitMs + pauseMs}, 1, 0)`,
    );
  });

  it('ring after the minutes of waiting that the setting says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1440 }), (minutes) => {
        const [oldest] = alarmsOf(watchedWith({ oldestMessageMinutes: minutes }));
        expect(oldest?.threshold).toBe(minutes * 60);
      }),
    );
    const [oldest] = alarmsOf(watchedWith({ oldestMessageMinutes: 15, loadIntervalMs: 600_000 }));
    expect(oldest?.threshold).toBe((15 + 10) * 60);
  });

  it('do not ring for files that wait for a planned pause, unless they wait longer than the pause', () => {
    const [oldest, ...others] = alarmsOf(watchedWith({ runningHours: '06:00-20:00 mon-sun' }));
    expect(oldest?.threshold).toBe((10 * 60 + 15) * 60);
    expect(oldest?.description).toContain('This time includes the longest planned pause of the cluster.');
    expect(keys(others)).not.toContain('none-loaded');
    expect(alarmsOf(watchedWith())[0]?.threshold).toBe(15 * 60);
  });

  it.each([
    ['06:00-20:00 mon-sun', '0 20 ? * MON,TUE,WED,THU,FRI,SAT,SUN', '0 6 ? * MON,TUE,WED,THU,FRI,SAT,SUN', 10],
    // Friday evening to Monday morning.
    ['07:00-19:30 mon-fri', '30 19 ? * MON,TUE,WED,THU,FRI', '0 7 ? * MON,TUE,WED,THU,FRI', 59.5],
    // Saturday morning to Monday evening.
    ['22:00-06:00 mon-fri', '0 6 ? * TUE,WED,THU,FRI,SAT', '0 22 ? * MON,TUE,WED,THU,FRI', 64],
    ['08:00-18:00 sun-tue', '0 18 ? * SUN,MON,TUE', '0 8 ? * SUN,MON,TUE', 110],
    ['08:00-18:00 sat-sat', '0 18 ? * SAT', '0 8 ? * SAT', 158],
  ])('know the longest pause of a cluster that runs %s', (runningHours, pause, resume, hours) => {
    expect(pauseScheduleOf(runningHours)).toEqual({
      pause: `cron(${pause} *)`,
      resume: `cron(${resume} *)`,
      longestPauseMinutes: hours * 60,
    });
  });

  it('use only their own metrics in formulas, and metrics with one dimension or two', () => {
    for (const alarm of alarmsOf(watchedWith())) {
      expect(alarm.datapoints).toBeLessThanOrEqual(alarm.periods);
      // CloudWatch looks back a day at most.
      expect(alarm.periodSeconds * alarm.periods).toBeLessThanOrEqual(86_400);
      if ('metric' in alarm.of) continue;
      const ids = alarm.of.formula.match(/\b[a-z]\w*\b/g) ?? [];
      expect(new Set(ids)).toEqual(new Set(Object.keys(alarm.of.metrics)));
    }
  });

  it('have names and descriptions that CloudWatch accepts, however long the name of the stack is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,99}$/), (stack) => {
        const watched = watchedWith({}, stack);
        for (const { key, description } of alarmsOf(watched)) {
          expect(`${watched.alarmPrefix}-${key}`.length).toBeLessThanOrEqual(255);
          expect(description.length).toBeLessThanOrEqual(1024);
        }
        expect(
          LONGEST_NAMES.alarmPrefix + Math.max(...keys(alarmsOf(watched)).map(({ length }) => length)),
        ).toBeLessThan(255);
      }),
    );
  });
});

describe('the dashboard', () => {
  it('puts tiles side by side without overlap and within its width', () => {
    const tile = fc.record({
      type: fc.constantFrom('metric' as const, 'log' as const),
      width: fc.integer({ min: 1, max: 24 }),
      properties: fc.constant({}),
    });
    fc.assert(
      fc.property(fc.array(tile, { maxLength: 30 }), (tiles) => {
        const widgets = placed(tiles);
        expect(widgets.map(({ width }) => width)).toEqual(tiles.map(({ width }) => width));
        for (const [index, left] of widgets.entries()) {
          expect(left.x + left.width).toBeLessThanOrEqual(24);
          for (const right of widgets.slice(index + 1)) {
            expect(left.y !== right.y || left.x + left.width <= right.x).toBe(true);
          }
        }
      }),
    );
  });

  it('shows every metric of the log, the queues, the tasks and the cluster', () => {
    const { widgets } = dashboardBody(watchedWith(), ['arn:alarm']);
    const text = JSON.stringify(widgets);
    for (const { metric } of METRIC_FILTERS) expect(text).toContain(`"sparkify-dev","${metric}"`);
    for (const name of ['ApproximateAgeOfOldestMessage', 'CPUUtilization', 'PercentageDiskSpaceUsed']) {
      expect(text).toContain(name);
    }
    expect(text).toContain('"QueueName","sparkify-dev-dead-letters"');
    expect(text).toContain('arn:alarm');
  });

  it('leaves out a consumer that runs elsewhere', () => {
    const text = JSON.stringify(dashboardBody(watchedWith(NO_CONSUMER), []));
    expect(text).not.toContain('AWS/ECS');
    expect(text).not.toContain('SOURCE');
  });

  it('shows an existing cluster by its name, and no metrics of clusters for a workgroup', () => {
    const existing = { warehouse: 'existing', existingClusterIdentifier: 'analytics' };
    expect(JSON.stringify(dashboardBody(watchedWith(existing), []))).toContain('"ClusterIdentifier","analytics"');
    expect(JSON.stringify(dashboardBody(watchedWith({ warehouse: 'serverless' }), []))).not.toContain('AWS/Redshift');
  });
});
