const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';

type Inputs = Readonly<Record<string, unknown>>;

/** What AWS would have made of a resource: an id, an ARN of the right form, and what others read of it. */
export function mockState({ type, name, inputs }: { type: string; name: string; inputs: Inputs }): {
  id: string;
  state: Record<string, unknown>;
} {
  const answer = ANSWERS[type]?.(named(inputs, name), inputs) ?? { id: `${name}-id` };
  return { id: answer.id, state: { ...inputs, arn: `arn:aws:mock:${REGION}:${ACCOUNT}:${name}`, ...answer.state } };
}

/** The name that AWS knows it by: its own, or what Pulumi makes of the logical one. */
function named(inputs: Inputs, name: string): string {
  for (const key of ['name', 'bucket', 'clusterIdentifier', 'workgroupName', 'namespaceName', 'dashboardName']) {
    const value = inputs[key];
    if (typeof value === 'string') return value;
  }
  return `${name}-0a1b2c3`;
}

type Answer = { readonly id: string; readonly state?: Record<string, unknown> };
const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
const hex = (text: string) => Buffer.from(text).toString('hex').padEnd(17, '0').slice(0, 17);
const plainArn =
  (service: string, kind: string) =>
  (name: string): Answer => ({ id: name, state: { name, arn: arn(service, `${kind}${name}`) } });
const vpcThing =
  (prefix: string, kind: string) =>
  (_name: string, inputs: Inputs): Answer => {
    const id = `${prefix}-${hex(JSON.stringify(inputs['tags'] ?? inputs['name'] ?? inputs['cidrBlock'] ?? kind))}`;
    return { id, state: { arn: arn('ec2', `${kind}/${id}`) } };
  };

const ANSWERS: Readonly<Record<string, (name: string, inputs: Inputs) => Answer>> = {
  'aws:s3/bucket:Bucket': (name) => ({
    id: name,
    state: { bucket: name, arn: `arn:aws:s3:::${name}`, bucketRegionalDomainName: `${name}.s3.amazonaws.com` },
  }),
  'aws:sqs/queue:Queue': (name) => {
    const url = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;
    return { id: url, state: { name, url, arn: arn('sqs', name) } };
  },
  'aws:iam/role:Role': (name) => ({ id: name, state: { name, arn: `arn:aws:iam::${ACCOUNT}:role/${name}` } }),
  'aws:iam/policy:Policy': (name) => ({
    id: `arn:aws:iam::${ACCOUNT}:policy/${name}`,
    state: { name, arn: `arn:aws:iam::${ACCOUNT}:policy/${name}` },
  }),
  'aws:cloudwatch/eventRule:EventRule': plainArn('events', 'rule/'),
  'aws:cloudwatch/logGroup:LogGroup': plainArn('logs', 'log-group:'),
  'aws:cloudwatch/metricAlarm:MetricAlarm': plainArn('cloudwatch', 'alarm:'),
  'aws:sns/topic:Topic': (name) => ({ id: arn('sns', name), state: { name, arn: arn('sns', name) } }),
  'aws:ecr/repository:Repository': (name) => ({
    id: name,
    state: {
      name,
      arn: arn('ecr', `repository/${name}`),
      registryId: ACCOUNT,
      repositoryUrl: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${name}`,
    },
  }),
  'aws:ecs/cluster:Cluster': plainArn('ecs', 'cluster/'),
  'aws:redshift/cluster:Cluster': (name) => ({
    id: name,
    state: {
      clusterIdentifier: name,
      arn: arn('redshift', `cluster:${name}`),
      clusterNamespaceArn: arn('redshift', 'namespace:11111111-2222-3333-4444-555555555555'),
      masterPasswordSecretArn: arn('secretsmanager', `secret:redshift!${name}-admin-AbCdEf`),
    },
  }),
  'aws:redshiftserverless/namespace:Namespace': (name) => ({
    id: name,
    state: {
      namespaceName: name,
      arn: arn('redshift-serverless', 'namespace/66666666-7777-8888-9999-000000000000'),
      namespaceId: '66666666-7777-8888-9999-000000000000',
      adminPasswordSecretArn: arn('secretsmanager', `secret:redshift!${name}-admin-AbCdEf`),
    },
  }),
  'aws:redshiftserverless/workgroup:Workgroup': (name) => ({
    id: name,
    state: {
      workgroupName: name,
      workgroupId: '0f0e0d0c-1111-2222-3333-444444444444',
      arn: arn('redshift-serverless', 'workgroup/0f0e0d0c-1111-2222-3333-444444444444'),
    },
  }),
  'aws:ec2/vpc:Vpc': (name, inputs) => {
    const vpc = vpcThing('vpc', 'vpc')(name, inputs);
    return { ...vpc, state: { ...vpc.state, ownerId: ACCOUNT, mainRouteTableId: `rtb-${hex('main')}` } };
  },
  'aws:ec2/subnet:Subnet': vpcThing('subnet', 'subnet'),
  'aws:ec2/securityGroup:SecurityGroup': vpcThing('sg', 'security-group'),
  'aws:ec2/routeTable:RouteTable': vpcThing('rtb', 'route-table'),
  'aws:ec2/vpcEndpoint:VpcEndpoint': (name, inputs) => {
    const endpoint = vpcThing('vpce', 'vpc-endpoint')(name, { name: inputs['serviceName'] });
    return { ...endpoint, state: { ...endpoint.state, prefixListId: `pl-${hex('s3')}` } };
  },
  'docker-build:index:Image': (name) => ({
    id: name,
    state: { digest: `sha256:${'0'.repeat(64)}`, ref: `${name}@sha256:${'0'.repeat(64)}` },
  }),
};
