import { stackSettings } from '../../../../src/app/stack-outputs.ts';
import { mockState } from '../../support/mock-state.ts';
import { ACCOUNT, runProgram } from '../../support/run-program.ts';
import type { Resource, Run } from '../../support/run-program.ts';
import type { StackConfig } from '../../support/settings-source.ts';
import type { Account, PlacedPolicy } from './decide.ts';
import { parsePolicy } from './policy.ts';

/** What the program makes of some settings: every policy in it, and the names that requests will use. */
export type ExaminedStack = Account & {
  readonly policies: readonly PlacedPolicy[];
  /** As the service reads it from the outputs. */
  readonly environment: Readonly<Record<string, string>>;
  readonly bucketArn: string;
  /** The key of KMS with which the owner of an existing bucket has its files encrypted. */
  readonly keyArn: string | null;
  readonly prefixes: { readonly logs: string; readonly songs: string; readonly work: string };
  /** The JSONPaths file; `null`: the logs have their own keys. */
  readonly jsonPathsArn: string | null;
  readonly queueArn: string;
  readonly deadLetterQueueArn: string;
  readonly warehouseArn: string;
  /** ARN by the logical name of the role; those that the stack does not have are not there. */
  readonly roles: ReadonlyMap<RoleName, string>;
  readonly trustedPrincipals: readonly string[];
  /** Where tasks log and where their image lies; `null` without a consumer, or with an image from elsewhere. */
  readonly logGroupArn: string | null;
  readonly repositoryArn: string | null;
  /** The rule of EventBridge that announces files; `null`: the bucket does. */
  readonly ruleArn: string | null;
  /** The topic of the stack that alarms are sent to. */
  readonly topicArn: string | null;
  /** COPY reaches the bucket through the network of the stack. */
  readonly copiesThroughNetwork: boolean;
};

const ROLE_NAMES = ['service-role', 'execution-role', 'copy-role', 'schedule-role'] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** Runs the program and takes the policies out of what it asked Pulumi's engine for. */
export async function examinedStack(config: StackConfig): Promise<ExaminedStack> {
  const run = await runProgram({ config });
  const environment = stackSettings(run.outputs, 'the outputs') as Readonly<Record<string, string>>;
  const region = environment['AWS_REGION'] ?? '';
  const found = (type: string): Resource | undefined => run.resources.find((one) => one.type === type);
  const service = found('aws:ecs/taskDefinition:TaskDefinition');
  const warehouse = found('aws:redshift/cluster:Cluster') ?? found('aws:redshiftserverless/workgroup:Workgroup');
  const queue = (url: string | undefined): string => `arn:aws:sqs:${region}:${ACCOUNT}:${url?.split('/').at(-1) ?? ''}`;
  const trusted = config['trustedPrincipalArns'];
  return {
    account: ACCOUNT,
    region,
    policies: run.resources.flatMap((resource) => policiesOf(resource, run)),
    environment,
    bucketArn: `arn:aws:s3:::${environment['SPARKIFY_BUCKET'] ?? ''}`,
    keyArn: config['bucketKmsKeyArn'] === undefined ? null : text(config['bucketKmsKeyArn']),
    prefixes: {
      logs: environment['SPARKIFY_LOG_PREFIX'] ?? '',
      songs: environment['SPARKIFY_SONG_PREFIX'] ?? '',
      work: environment['SPARKIFY_WORK_PREFIX'] ?? '',
    },
    jsonPathsArn: environment['SPARKIFY_LOG_JSONPATHS']?.replace('s3://', 'arn:aws:s3:::') ?? null,
    queueArn: queue(environment['SPARKIFY_QUEUE_URL']),
    deadLetterQueueArn: queue(environment['SPARKIFY_DEAD_LETTER_QUEUE_URL']),
    warehouseArn: warehouseArn(environment, { region, warehouse, config }),
    roles: new Map(
      run.resources.filter(({ type }) => type === 'aws:iam/role:Role').map((role) => [roleName(role), arnOf(role)]),
    ),
    trustedPrincipals: Array.isArray(trusted) ? (trusted as readonly string[]) : [],
    logGroupArn: service === undefined ? null : loggedTo(service, region),
    repositoryArn: service === undefined ? null : pulledFrom(service, region),
    ruleArn: arnOrNull(found('aws:cloudwatch/eventRule:EventRule')),
    topicArn: arnOrNull(found('aws:sns/topic:Topic')),
    copiesThroughNetwork: warehouse?.inputs['enhancedVpcRouting'] === true,
  };
}

/** Types whose property `policy` is a document of IAM, and what it is the policy of. */
const PLACES: Readonly<Record<string, (resource: Resource, run: Run) => Pick<PlacedPolicy, 'kind' | 'of'>>> = {
  'aws:iam/rolePolicy:RolePolicy': ({ inputs }, run) => ({
    kind: 'identity',
    of: arnOf(roleNamed(inputs['role'], run)),
  }),
  'aws:s3/bucketPolicy:BucketPolicy': ({ inputs }) => ({
    kind: 'resource',
    of: `arn:aws:s3:::${text(inputs['bucket'])}`,
  }),
  'aws:sqs/queuePolicy:QueuePolicy': ({ inputs }, run) => ({
    kind: 'resource',
    of: arnOf(first(run, (one) => one.type === 'aws:sqs/queue:Queue' && idOf(one) === inputs['queueUrl'])),
  }),
  'aws:sns/topicPolicy:TopicPolicy': ({ inputs }) => ({ kind: 'resource', of: text(inputs['arn']) }),
  'aws:ec2/vpcEndpoint:VpcEndpoint': ({ inputs }) => ({
    kind: 'endpoint',
    of: text(inputs['serviceName']).split('.').slice(3).join('.'),
  }),
};

/**
 * @throws Error for a resource that carries a policy in a way that this test does not know: nothing goes unexamined.
 */
function policiesOf(resource: Resource, run: Run): readonly PlacedPolicy[] {
  const { type, name, inputs } = resource;
  const carried = Object.keys(inputs).filter((key) => isPolicy(inputs[key]) || /policyArns?$/i.test(key));
  if (type === 'aws:iam/role:Role') {
    expectOnly(resource, carried, ['assumeRolePolicy']);
    const document = parsePolicy(text(inputs['assumeRolePolicy']));
    return [{ name: `who may be ${roleName(resource)}`, kind: 'trust', of: arnOf(resource), document }];
  }
  const place = PLACES[type];
  if (place === undefined) {
    expectOnly(resource, carried, []);
    return [];
  }
  expectOnly(resource, carried, ['policy']);
  return [{ name, ...place(resource, run), document: parsePolicy(text(inputs['policy'])) }];
}

/** A document, whatever the property is called and however deep it is. */
function isPolicy(value: unknown): boolean {
  return /\\?"Statement\\*"/.test(JSON.stringify([value]));
}

function expectOnly({ type, name }: Resource, carried: readonly string[], known: readonly string[]): void {
  const unknown = carried.filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`${type} "${name}": ${unknown.join(', ')} is examined by nobody`);
}

function roleName(role: Resource): RoleName {
  const known = ROLE_NAMES.find((name) => name === role.name);
  if (known === undefined)
    throw new Error(`the role "${role.name}" is not known to this test: what does it have to do?`);
  return known;
}

function roleNamed(name: unknown, run: Run): Resource {
  return first(run, (one) => one.type === 'aws:iam/role:Role' && stateOf(one)['name'] === name);
}

function warehouseArn(
  environment: Readonly<Record<string, string>>,
  seen: { region: string; warehouse: Resource | undefined; config: StackConfig },
): string {
  if (seen.warehouse !== undefined) return arnOf(seen.warehouse);
  const cluster = environment['SPARKIFY_CLUSTER_IDENTIFIER'];
  if (cluster !== undefined) return `arn:aws:redshift:${seen.region}:${ACCOUNT}:cluster:${cluster}`;
  return text(seen.config['existingWorkgroupArn']);
}

type Container = { readonly image: string; readonly logConfiguration: { readonly options: Record<string, string> } };

function loggedTo(task: Resource, region: string): string {
  const groups = containersOf(task).map(({ logConfiguration }) => logConfiguration.options['awslogs-group'] ?? '');
  expectSame(groups);
  return `arn:aws:logs:${region}:${ACCOUNT}:log-group:${groups[0] ?? ''}`;
}

/** The registry's name holds account and region, the rest up to tag or digest is the repository's name. */
function pulledFrom(task: Resource, region: string): string | null {
  const images = containersOf(task).map(({ image }) => image);
  expectSame(images);
  const name = new RegExp(`^${ACCOUNT}\\.dkr\\.ecr\\.${region}\\.amazonaws\\.com/([^:@]+)`).exec(images[0] ?? '')?.[1];
  return name === undefined ? null : `arn:aws:ecr:${region}:${ACCOUNT}:repository/${name}`;
}

function containersOf(task: Resource): readonly Container[] {
  return JSON.parse(text(task.inputs['containerDefinitions'])) as readonly Container[];
}

function expectSame(values: readonly string[]): void {
  if (new Set(values).size !== 1) throw new Error(`the containers of the task differ: ${values.join(', ')}`);
}

function first(run: Run, holds: (resource: Resource) => boolean): Resource {
  const found = run.resources.find(holds);
  if (found === undefined) throw new Error('a policy is attached to something that is not of the stack');
  return found;
}

function arnOf(resource: Resource): string {
  return text(stateOf(resource)['arn']);
}

function arnOrNull(resource: Resource | undefined): string | null {
  return resource === undefined ? null : arnOf(resource);
}

function idOf(resource: Resource): string {
  return mockState(resource).id;
}

function stateOf(resource: Resource): Readonly<Record<string, unknown>> {
  return mockState(resource).state;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} where a text is due`);
  return value;
}
