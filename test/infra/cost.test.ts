import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { billedParts } from '../../infra/plan/cost/billed-parts.ts';
import type { BilledParts } from '../../infra/plan/cost/billed-parts.ts';
import { COST_EXAMPLES, exampleCost } from '../../infra/plan/cost/cost-examples.ts';
import { costPage, costTable, dollars } from '../../infra/plan/cost/cost-page.ts';
import { LONG_POLL_SECONDS, batchesPerDay, monthlyCost, serverlessHours } from '../../infra/plan/cost/monthly-cost.ts';
import { PRICE_NAMES, PRICES, isPriceName, pricesWith } from '../../infra/plan/cost/prices.ts';
import type { Price } from '../../infra/plan/cost/prices.ts';
import { HOURS_A_MONTH, runningHours } from '../../infra/plan/cost/running-hours.ts';
import { DEFAULT_USAGE, USAGE_NAMES, usageWith } from '../../infra/plan/cost/usage.ts';
import type { Usage } from '../../infra/plan/cost/usage.ts';
import { CONSUMER_DEFAULTS } from '../../src/consumer/consumer-settings.ts';
import { NO_REST } from '../../src/core/rest.ts';
import { readSettings } from '../../infra/settings.ts';

const amount = (max: number) => fc.double({ min: 0, max, noNaN: true });
const count = (max: number) => fc.integer({ min: 0, max });

const usages: fc.Arbitrary<Usage> = fc.record({
  filesPerDay: amount(1e7),
  bucketGb: amount(1e6),
  warehouseGb: amount(1e6),
  batchSeconds: amount(3_600),
  queryHoursPerDay: amount(24),
});

const stacks: fc.Arbitrary<BilledParts> = fc.record({
  warehouse: fc.oneof(
    fc.record({
      kind: fc.constant('cluster' as const),
      nodeType: fc.constantFrom('ra3.large', 'rg.4xlarge', 'dc9.huge'),
      nodeCount: fc.integer({ min: 1, max: 128 }),
      runningHours: amount(HOURS_A_MONTH),
    }),
    fc.record({ kind: fc.constant('serverless' as const), baseCapacity: fc.integer({ min: 4, max: 512 }) }),
    fc.record({ kind: fc.constant('existing' as const) }),
  ),
  consumer: fc.option(fc.record({ vcpu: amount(4), memoryGb: amount(30), tasks: fc.integer({ min: 1, max: 10 }) }), {
    nil: null,
  }),
  rest: fc.record({ loadIntervalMs: count(900_000), loadRest: amount(100), loadRestMaxMs: count(900_000) }),
  endpointZones: count(30),
  alarmMetrics: count(20),
  customMetrics: count(20),
  dashboards: count(1),
  secrets: count(1),
  images: count(5),
  eventBridge: fc.boolean(),
});

function settings(texts: Readonly<Record<string, string>>) {
  return readSettings({ get: (name) => texts[name], names: () => Object.keys(texts) });
}

describe('monthlyCost', () => {
  const prices = pricesWith({});

  it('is the sum of its parts, none of them below nothing', () => {
    fc.assert(
      fc.property(stacks, usages, (stack, usage) => {
        const { parts, totalUsd } = monthlyCost(stack, usage, prices);
        expect(totalUsd).toBeCloseTo(
          parts.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
          6,
        );
        for (const { quantity, usd } of parts) expect(Math.min(quantity, usd ?? 0)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('never becomes less when more files arrive or more is kept', () => {
    fc.assert(
      fc.property(stacks, usages, fc.constantFrom(...USAGE_NAMES), amount(1e5), (stack, usage, name, more) => {
        // A longer batch means fewer of them.
        fc.pre(name !== 'batchSeconds');
        const larger = { ...usage, [name]: usage[name] + more };
        const [before, after] = [usage, larger].map((it) => monthlyCost(stack, it, prices).totalUsd);
        expect(after).toBeGreaterThanOrEqual((before ?? 0) - 1e-6);
      }),
    );
  });

  it('is proportional to a price, and says so when a price is not known instead of taking it for nothing', () => {
    const stack = billedParts(settings({}));
    const part = (prices: Parameters<typeof monthlyCost>[2]) =>
      monthlyCost(stack, DEFAULT_USAGE, prices).parts.find(({ price }) => price === 'ra3.large')?.usd;
    expect(part(pricesWith({ 'ra3.large': 2 }))).toBe(2 * HOURS_A_MONTH);
    expect(part(pricesWith({ 'ra3.large': 4 }))).toBe(4 * HOURS_A_MONTH);
    const unknown = billedParts(settings({ nodeType: 'dc9.huge', trustNodeType: 'true' }));
    const { unpriced, parts } = monthlyCost(unknown, DEFAULT_USAGE, prices);
    expect(unpriced).toEqual(['Warehouse: 1 × dc9.huge']);
    expect(parts.find(({ what }) => what.includes('dc9.huge'))).toMatchObject({ quantity: HOURS_A_MONTH, usd: null });
    expect(costTable(monthlyCost(unknown, DEFAULT_USAGE, prices))).toContain('**at least ');
  });

  it('has no part of the consumer, its endpoints, its log and its image when somebody else runs it', () => {
    const stack = billedParts(
      settings({ consumer: 'none', trustedPrincipalArns: '["arn:aws:iam::123456789012:role/runner"]' }),
    );
    const names = monthlyCost(stack, DEFAULT_USAGE, prices).parts.map(({ what }) => what);
    expect(names.filter((what) => /consumer|endpoint|log|image/i.test(what))).toEqual([]);
    expect(names).toContain('Warehouse: 1 × ra3.large');
  });

  it('has no part of the warehouse when it is there already', () => {
    const stack = billedParts(settings({ warehouse: 'existing', existingClusterIdentifier: 'analytics' }));
    const names = monthlyCost(stack, DEFAULT_USAGE, prices).parts.map(({ what }) => what);
    expect(names.filter((what) => /warehouse|secret/i.test(what))).toEqual([]);
  });

  it('bills no endpoints in a VPC that is there already', () => {
    const stack = billedParts(
      settings({ vpcId: 'vpc-0123456789abcdef0', privateSubnetIds: '["subnet-01234567","subnet-89abcdef"]' }),
    );
    expect(stack.endpointZones).toBe(0);
  });
});

describe('the hours of a warehouse', () => {
  it('of Serverless are a minute a batch at least and never more than all of the month', () => {
    fc.assert(
      fc.property(stacks, usages, (stack, usage) => {
        const hours = serverlessHours(stack, usage);
        expect(hours).toBeLessThanOrEqual(HOURS_A_MONTH + 1e-9);
        const minutes = batchesPerDay(stack, usage) * (HOURS_A_MONTH / 24);
        expect(hours).toBeGreaterThanOrEqual(Math.min(HOURS_A_MONTH, minutes / 60) - 1e-6);
      }),
    );
  });

  it('of Serverless are few when loads come a quarter of an hour apart, however many files arrive', () => {
    const [usage, texts] = [
      { ...DEFAULT_USAGE, filesPerDay: 86_400, queryHoursPerDay: 0 },
      { warehouse: 'serverless' },
    ];
    const hours = (more: object) => serverlessHours(billedParts(settings({ ...texts, ...more })), usage);
    expect(hours({})).toBe(HOURS_A_MONTH);
    expect(hours({ loadIntervalMs: '900000' })).toBeCloseTo(HOURS_A_MONTH / 15, 6);
    // Half of the time, and a minute of billing for each batch is all of it.
    const stack = billedParts(settings(texts));
    expect(batchesPerDay(stack, usage)).toBe(86_400 / 20);
    expect(batchesPerDay({ ...stack, rest: NO_REST }, usage)).toBe(86_400 / 10);
  });

  it('of a cluster that is paused at night are the hours between resume and pause', () => {
    const month = (hoursPerWeek: number) => (HOURS_A_MONTH * hoursPerWeek) / 168;
    expect(runningHours('cron(0 19 ? * MON-FRI *)', 'cron(0 7 ? * MON-FRI *)')).toBeCloseTo(month(60), 6);
    expect(runningHours('cron(30 20 * * ? *)', 'cron(0 6 * * ? *)')).toBeCloseTo(month(7 * 14.5), 6);
    // Over the weekend, by numbers: Sunday is 1.
    expect(runningHours('cron(0 0 ? * 7 *)', 'cron(0 0 ? * 2 *)')).toBeCloseTo(month(120), 6);
    expect(runningHours('cron(0 0 ? * SAT *)', 'cron(0 0 ? * MON *)')).toBeCloseTo(month(120), 6);
  });

  it('of a schedule that a week does not repeat are all of them, so that the estimate is not too low', () => {
    for (const pause of ['cron(0 19 1 * ? *)', 'cron(0 19 ? 12 MON *)', 'cron(0/5 * ? * MON *)', 'rate(1 day)']) {
      expect(runningHours(pause, 'cron(0 7 ? * MON-FRI *)')).toBe(HOURS_A_MONTH);
    }
  });

  it('of a cluster that is paused at one and resumed at another hour of every day add up to the day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 23 }), (pause, resume) => {
        fc.pre(pause !== resume);
        const at = (hour: number) => `cron(0 ${hour} * * ? *)`;
        const both = runningHours(at(pause), at(resume)) + runningHours(at(resume), at(pause));
        expect(both).toBeCloseTo(HOURS_A_MONTH, 6);
      }),
    );
  });
});

describe('prices', () => {
  it('have a source with its day, or no number', () => {
    for (const name of PRICE_NAMES) {
      const { usd, read, page }: Price = PRICES[name];
      expect(usd === null, name).toBe(read === null);
      expect(page).toMatch(/^https:\/\/aws\.amazon\.com\//);
      if (read !== null) {
        expect(read.url).toMatch(/^https:\/\//);
        expect(read.on).toMatch(/^20\d\d-\d\d-\d\d$/);
      }
    }
  });

  it('and amounts are changed under their names, one at a time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PRICE_NAMES), amount(100), (name, usd) => {
        expect(pricesWith({ [name]: usd })).toEqual({ ...pricesWith({}), [name]: usd });
      }),
    );
    expect(usageWith({ filesPerDay: 7 })).toEqual({ ...DEFAULT_USAGE, filesPerDay: 7 });
    expect(isPriceName('toString')).toBe(false);
  });
});

describe('docs/cost.md', () => {
  const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

  it('says what the code says; "npm run cost" makes it so', () => {
    expect(costPage(page)).toBe(page);
  });

  it('names every price, every amount and every example', () => {
    for (const name of [...PRICE_NAMES, ...USAGE_NAMES]) expect(page).toContain(`| \`${name}\` |`);
    for (const example of COST_EXAMPLES) {
      expect(page).toContain(`### ${example.name}\n`);
      expect(page).toContain(`**${dollars(exampleCost(example).totalUsd)}**`);
    }
  });

  it('shows examples whose warehouse costs more than everything else, as it says', () => {
    for (const example of COST_EXAMPLES.filter(({ name }) => !name.startsWith('Small'))) {
      const { parts, totalUsd } = exampleCost(example);
      const warehouse = parts.filter(({ what }) => what.startsWith('Warehouse'));
      expect(warehouse.reduce((sum, { usd }) => sum + (usd ?? 0), 0)).toBeGreaterThan(totalUsd / 2);
    }
  });
});

it('an idle consumer is billed for the polls that it really makes', () => {
  expect(LONG_POLL_SECONDS).toBe(CONSUMER_DEFAULTS.longPollSeconds);
  expect(readFileSync('docs/cost.md', 'utf8')).toContain(`a long poll of ${LONG_POLL_SECONDS} s after the other`);
});
