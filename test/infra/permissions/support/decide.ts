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
  /** ARN of the role (identity, trust) or of the resource; for an endpoint the service that is behind it: `sqs`. */
  readonly of: string;
  readonly document: PolicyDocument;
};

/** One request as IAM sees it. */
export type IamRequest = {
  /** ARN of a role, or the name of a service of AWS. */
  readonly principal: string;
  readonly action: string;
  /** ARN, or `*` for actions that know no resources. */
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
  /** Why it is made, for people. */
  readonly because: string;
  /** Whether it passes the endpoints of the stack's network. */
  readonly throughEndpoints: boolean;
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
  const service = request.action.split(':')[0] ?? '';
  const ofPrincipal = policies.filter(({ kind, of }) => kind === 'identity' && of === request.principal);
  const ofResource = policies.find(
    ({ kind, of }) =>
      (kind === 'trust' ? request.action.startsWith('sts:') : kind === 'resource') &&
      (of === request.resource || (service === 's3' && request.resource.startsWith(`${of}/`))),
  );
  const ofEndpoint = request.throughEndpoints
    ? policies.filter(({ kind, of }) => kind === 'endpoint' && of === service)
    : [];
  const principalAccount = /^arn:aws:[^:]+:[^:]*:(\d{12}):/.exec(request.principal)?.[1];
  const answer = await runSimulation(
    {
      request: {
        principal: request.principal,
        action: request.action,
        resource: { resource: request.resource, accountId: account },
        contextVariables: {
          'aws:SecureTransport': 'true',
          'aws:RequestedRegion': region,
          'aws:ResourceAccount': account,
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
    },
    {},
  );
  if (answer.resultType === 'error') {
    throw new Error(`${describeRequest(request)}: ${JSON.stringify(answer.errors)}`);
  }
  return answer.overallResult === 'Allowed';
}

export function describeRequest({ principal, action, resource, because, context }: IamRequest): string {
  const given = Object.entries(context).map(([key, value]) => `, ${key} = ${value}`);
  return `${action} on ${resource} by ${principal}${given.join('')} (${because})`;
}
