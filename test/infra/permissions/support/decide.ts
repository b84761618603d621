import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from './policy.ts';

/** A policy where AWS looks for it. */
export type PlacedPolicy = {
  readonly name: string;
  /**
   * `identity`: what a role may do. `resource`: who may use a bucket, queue or key. `trust`: who may become a role.
   * `endpoint`: what may pass an endpoint of the network.
   */
  readonly kind: 'identity' | 'resource' | 'trust' | 'endpoint';
  /** ARN of the role (identity, trust) or of the resource; for an endpoint what is behind it: `sqs`, `ecr.dkr`. */
  readonly of: string;
  readonly document: PolicyDocument;
  /** Not of the stack: what a stranger may do at home. */
  readonly isForeign?: true;
};

/** One request as IAM sees it. */
export type IamRequest = {
  /** ARN of a role, or the name of a service of AWS. */
  readonly principal: string;
  readonly action: string;
  /** ARN, or `*` for actions that know no resources. */
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
  /** The account that the resource belongs to, where its ARN does not say; without it, that of the stack. */
  readonly owner?: string;
  /** Why it is made, for people. */
  readonly because: string;
  /** The endpoint of the network that it passes, if there is one: `sqs`, `ecr.dkr`. `null`: it comes another way. */
  readonly through: string | null;
};

/** Where the stack lives. All ARNs are of this account; S3's own name none. */
export type Account = { readonly account: string; readonly region: string };

/**
 * Whether AWS would let the request pass, by all policies that have a say: the role's, the resource's, the endpoint's.
 *
 * @throws Error when the simulator does not take the request or a policy for valid.
 */
export async function isAllowed(
  request: IamRequest,
  policies: readonly PlacedPolicy[],
  { account, region }: Account,
): Promise<boolean> {
  const concerned = policies.filter((one) => hasSay(one, request));
  const ofPrincipal = concerned.filter(({ kind }) => kind === 'identity');
  const ofResource = concerned.find(({ kind }) => kind === 'resource' || kind === 'trust');
  const ofEndpoint = concerned.filter(({ kind }) => kind === 'endpoint');
  const principalAccount = accountIn(request.principal);
  const owner = request.owner ?? accountIn(request.resource) ?? account;
  const simulation = {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: owner },
      contextVariables: {
        'aws:SecureTransport': 'true',
        'aws:RequestedRegion': region,
        'aws:ResourceAccount': owner,
        'aws:PrincipalArn': request.principal,
        'aws:PrincipalIsAWSService': principalAccount === undefined ? 'true' : 'false',
        ...(principalAccount === undefined ? {} : { 'aws:PrincipalAccount': principalAccount }),
        ...request.context,
      },
    },
    identityPolicies: ofPrincipal.map(({ name, document }) => ({ name, policy: document })),
    resourcePolicy: ofResource?.document,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(ofEndpoint.length === 0
      ? {}
      : { vpcEndpointPolicies: ofEndpoint.map(({ name, document }) => ({ name, policy: document })) }),
  };
  // Stacks differ in few policies: most of their requests are the same.
  const key = JSON.stringify(simulation);
  const answer = ANSWERS.get(key) ?? runSimulation(simulation, {});
  ANSWERS.set(key, answer);
  const end = await answer;
  if (end.resultType === 'error') throw new Error(`${describeRequest(request)}: ${JSON.stringify(end.errors)}`);
  return end.overallResult === 'Allowed';
}

const ANSWERS = new Map<string, ReturnType<typeof runSimulation>>();

/** Whether AWS looks at the policy for this request at all. */
export function hasSay({ kind, of }: PlacedPolicy, { principal, action, resource, through }: IamRequest): boolean {
  switch (kind) {
    case 'identity':
      return of === principal;
    case 'resource':
      return of === resource || (action.startsWith('s3:') && resource.startsWith(`${of}/`));
    case 'trust':
      return of === resource && action.startsWith('sts:');
    case 'endpoint':
      return of === through;
  }
}

function accountIn(arn: string): string | undefined {
  return /^arn:aws:[^:]+:[^:]*:(\d{12}):/.exec(arn)?.[1];
}

export function describeRequest({ principal, action, resource, because, context }: IamRequest): string {
  const given = Object.entries(context).map(([key, value]) => `, ${key} = ${value}`);
  return `${action} on ${resource} by ${principal}${given.join('')} (${because})`;
}
