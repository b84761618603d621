import { expect, it } from 'vitest';
import { ConsumerMetrics } from '../../src/observe/metrics/consumer-metrics.ts';

/** Of more values the page says where they are defined. */
const VALUES_SHOWN = 8;

async function page(): Promise<string> {
  const metrics = new ConsumerMetrics({ version: '0.0.0', expectedMs: 0, nowMs: () => 0 });
  const all = await metrics.registry.getMetricsAsJSON();
  const own = all.filter(({ name }) => name.startsWith('sparkify_'));
  const rows = own.map(({ help, name, type }) => {
    const labels = Object.entries(metrics.labels.get(name) ?? {}).map(([label, values]) => labelText(label, values));
    return `| \`${name}\` | ${String(type)} | ${labels.join('; ')} | ${help} |`;
  });
  return [
    '# Metrics of a consumer',
    '',
    'What `sparkify consume --http host:port` serves at `/metrics`, in the text format of Prometheus. Written by',
    '`npx vitest run test/docs/metrics-page.test.ts --update` from `src/observe/metrics/`.',
    '',
    'A scrape shows what is in memory: it starts no call and no statement. A series of a known label begins at 0. A gauge whose',
    'value is unknown is absent. No key, id or text of a file is a label. Beside these metrics there are the default metrics of',
    '[prom-client](https://github.com/siimon/prom-client): `process_…` and `nodejs_…`, among them',
    '`nodejs_eventloop_lag_p99_seconds` and `process_resident_memory_bytes`.',
    '',
    'The service is as far behind as the consumer that is most behind: `max(sparkify_behind_seconds)`. A consumer does not know',
    'what waits in the queue; `sparkify status` and the metrics of SQS do. Behind is a problem above',
    '`2 * sparkify_expected_seconds + 60`. [ops/prometheus/alerts.yaml](../ops/prometheus/alerts.yaml) has the alerts,',
    '[ops/grafana/sparkify.json](../ops/grafana/sparkify.json) a dashboard.',
    '',
    '<!-- prettier-ignore -->',
    '| metric | type | labels | what |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function labelText(label: string, values: readonly string[]): string {
  const shown = values.length <= VALUES_SHOWN ? values.join(', ') : 'a code of [errors.md](errors.md)';
  return shown === '' ? `\`${label}\`` : `\`${label}\`: ${shown}`;
}

it('docs/metrics.md says what the registry says', async () => {
  await expect(await page()).toMatchFileSnapshot('../../docs/metrics.md');
});
