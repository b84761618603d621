import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { ConsumerMetrics } from '../../src/observe/metrics/consumer-metrics.ts';

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
};
type Panel = { readonly title: string; readonly targets: readonly { readonly expr: string }[] };

const read = (file: string): string => readFileSync(new URL(`../../ops/${file}`, import.meta.url), 'utf8');
const { groups } = parse(read('prometheus/alerts.yaml')) as { groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('grafana/sparkify.json')) as { panels: readonly Panel[] };
const queries = [
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...panels.flatMap(({ targets, title }) => targets.map(({ expr }) => [`panel "${title}"`, expr] as const)),
];

const metrics = new ConsumerMetrics({ version: '0.0.0', expectedMs: 0, nowMs: () => 0 });
/** What Prometheus adds to each series. */
const OF_PROMETHEUS = ['job', 'instance'];

/** The labels of the series of a name; `null` without such series. */
function labelsOf(name: string): readonly string[] | null {
  const direct = metrics.registry.getSingleMetric(name);
  const histogram = metrics.registry.getSingleMetric(name.replace(/_(?:bucket|sum|count)$/, ''));
  const metric = (direct ?? histogram) as { labelNames?: readonly string[]; type?: string } | undefined;
  if (metric === undefined || (direct === undefined) !== (metric.type === 'histogram')) return null;
  return [...(metric.labelNames ?? []), ...(name.endsWith('_bucket') ? ['le'] : []), ...OF_PROMETHEUS];
}

describe.each(queries)('the query of %s', (_of, query) => {
  const names = [...query.matchAll(/\b(?:sparkify|process|nodejs)_\w+/g)].map(([name]) => name);

  it('asks for series of the registry', () => {
    expect(names).not.toEqual([]);
    expect(names.filter((name) => labelsOf(name) === null)).toEqual([]);
  });

  it('uses labels and values that the series have', () => {
    const all = names.flatMap((name) => labelsOf(name) ?? []);
    const grouped = [...query.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
    expect(grouped.filter((label) => label !== '' && !all.includes(label))).toEqual([]);
    for (const [, name = '', list = ''] of query.matchAll(/(\w+)\{([^}]*)\}/g)) {
      for (const [, label = '', value = ''] of list.matchAll(/(\w+)="([^"]*)"/g)) {
        expect(metrics.labels.get(name.replace(/_(?:bucket|sum|count)$/, ''))?.[label], `${name} ${label}`).toContain(
          value,
        );
      }
    }
  });
});

test('every alert names its section of the runbook', () => {
  const kebab = (name: string): string => name.replaceAll(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();
  for (const { alert, annotations } of rules) {
    const section = alert === 'ConsumerRestarting' ? 'consumer-not-running' : kebab(alert);
    expect(annotations['runbook_url']).toBe(`docs/runbook.md#${section}`);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url']);
  }
});

/** Of Debian's package `prometheus`; `.ci/clients` brings it. */
const promtool = process.env['SPARKIFY_TEST_PROMTOOL'] ?? 'promtool';
const isMissing = spawnSync(promtool, ['--version']).status !== 0;

test.skipIf(isMissing)(
  `the rules fire when they should${isMissing ? ' (skipped: promtool is not installed)' : ''}`,
  () => {
    const file = new URL('../../ops/prometheus/alerts.test.yaml', import.meta.url).pathname;
    const { status, stderr, stdout } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
  },
);
