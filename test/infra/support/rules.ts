import type { Resource, Run } from './run-program.ts';

/** A rule for every stack: what breaks it, in words; nothing when it holds. */
export type Rule = { readonly name: string; readonly broken: (run: Run) => readonly string[] };

export const RULES: readonly Rule[] = [
  { name: 'every resource goes to AWS through the provider of the stack', broken: otherProviders },
  { name: 'nothing is asked of AWS in order to plan, but the token for the image registry', broken: questions },
  { name: 'no password, token or key stands in plain text', broken: plainSecrets },
  { name: 'nothing has an address on the internet', broken: publicThings },
  { name: 'nobody outside of the account is let in', broken: openPolicies },
  { name: 'no role may do more than single actions', broken: wideActions },
  { name: 'what rests is encrypted', broken: unencrypted },
  { name: 'destroy finds nothing that it cannot delete', broken: undeletable },
  { name: 'nothing depends on something that is not there', broken: danglingDependencies },
];

export function ofType(run: Run, type: string): readonly Resource[] {
  return run.resources.filter((resource) => resource.type.endsWith(`:${type}`));
}

function otherProviders({ resources }: Run): readonly string[] {
  return resources
    .filter(({ type }) => type.startsWith('aws:'))
    .filter(({ provider }) => !provider.includes('pulumi:providers:aws::aws::'))
    .map(({ name, provider }) => `${name}: ${provider}`);
}

function questions({ invokes }: Run): readonly string[] {
  return invokes.filter((token) => token !== 'aws:ecr/getAuthorizationToken:getAuthorizationToken');
}

function plainSecrets({ resources, outputs }: Run): readonly string[] {
  const inInputs = resources.flatMap(({ name, inputs, secretPaths }) =>
    suspicious(inputs)
      .filter((path) => !secretPaths.some((secret) => path === secret || path.startsWith(`${secret}.`)))
      .map((path) => `${name}.${path}`),
  );
  return [...inInputs, ...suspicious(outputs).map((path) => `output ${path}`)];
}

/** Paths whose last name is that of a secret and whose value is a text other than the ARN of a secret. */
function suspicious(value: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => suspicious(inner, [...path, key]));
  }
  if (typeof value !== 'string' || !/password|secret|token|privatekey|accesskey/i.test(path.at(-1) ?? '')) return [];
  return value.startsWith('arn:') ? [] : [path.join('.')];
}

const INTERNET = ['InternetGateway', 'NatGateway', 'Eip', 'EgressOnlyInternetGateway', 'LoadBalancer'];

function publicThings(run: Run): readonly string[] {
  const ways = INTERNET.flatMap((type) => ofType(run, type)).map(({ name }) => name);
  const open = run.resources
    .filter(({ inputs }) =>
      /"(publiclyAccessible|assignPublicIp|mapPublicIpOnLaunch)":true/.test(JSON.stringify(inputs)),
    )
    .map(({ name }) => name);
  const ingress = run.resources
    .filter(({ type }) => /Ingress/.test(type))
    .filter(({ inputs }) => /0\.0\.0\.0\/0|::\/0/.test(JSON.stringify(inputs)))
    .map(({ name }) => name);
  const blocks = ofType(run, 'BucketPublicAccessBlock').filter(({ inputs }) =>
    ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'].some(
      (key) => inputs[key] !== true,
    ),
  );
  const buckets = ofType(run, 'Bucket').length - ofType(run, 'BucketPublicAccessBlock').length;
  return [
    ...ways,
    ...open,
    ...ingress,
    ...blocks.map(({ name }) => name),
    ...(buckets === 0 ? [] : ['a bucket without block']),
  ];
}

type Statement = {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, unknown>>;
};

/** Every statement of every policy document in the inputs, with the resource it stands in. */
function statementsOf({ resources }: Run): readonly { readonly where: string; readonly statement: Statement }[] {
  return resources.flatMap(({ name, inputs }) =>
    ['policy', 'assumeRolePolicy', 'inlinePolicies'].flatMap((key) => {
      const document = inputs[key];
      if (typeof document !== 'string' || !document.includes('"Statement"')) return [];
      const { Statement } = JSON.parse(document) as { Statement: readonly Statement[] };
      return Statement.map((statement) => ({ where: `${name}/${statement.Sid ?? ''}`, statement }));
    }),
  );
}

function openPolicies(run: Run): readonly string[] {
  return statementsOf(run)
    .filter(({ statement }) => statement.Effect === 'Allow' && isAnybody(statement.Principal))
    .filter(({ where, statement }) => !isNarrow(where, statement))
    .map(({ where }) => where);
}

function isAnybody(principal: unknown): boolean {
  return principal !== undefined && JSON.stringify(principal).includes('"*"');
}

/**
 * An endpoint's policy lets nobody into anything, it only narrows what passes: there anybody may be meant, if the
 * account or the buckets are named.
 */
function isNarrow(where: string, statement: Statement): boolean {
  if (JSON.stringify(statement.Condition ?? {}).includes('"aws:PrincipalAccount"')) return true;
  const resources = [statement.Resource ?? '*'].flat();
  return where.startsWith('endpoint-') && resources.every((resource) => /^arn:[^*]+(\/\*)?$/.test(resource));
}

function wideActions(run: Run): readonly string[] {
  const ofRoles = new Set(ofType(run, 'RolePolicy').map(({ name }) => name));
  return statementsOf(run)
    .filter(({ where, statement }) => ofRoles.has(where.split('/')[0] ?? '') && statement.Effect === 'Allow')
    .filter(({ statement }) => [statement.Action].flat().some((action) => action.includes('*')))
    .map(({ where }) => where);
}

function unencrypted(run: Run): readonly string[] {
  const queues = ofType(run, 'Queue').filter(({ inputs }) => inputs['sqsManagedSseEnabled'] !== true);
  const clusters = run.resources.filter(
    ({ type, inputs }) => type === 'aws:redshift/cluster:Cluster' && inputs['encrypted'] !== 'true',
  );
  const buckets = ofType(run, 'Bucket').length - ofType(run, 'BucketServerSideEncryptionConfiguration').length;
  return [...queues, ...clusters].map(({ name }) => name).concat(buckets === 0 ? [] : ['a bucket']);
}

function undeletable(run: Run): readonly string[] {
  const repositories = ofType(run, 'Repository').filter(({ inputs }) => inputs['forceDelete'] !== true);
  const buckets = ofType(run, 'Bucket').filter(
    ({ inputs, retainOnDelete }) => inputs['forceDestroy'] !== true && !retainOnDelete,
  );
  const clusters = run.resources.filter(
    ({ type, inputs }) =>
      type === 'aws:redshift/cluster:Cluster' &&
      (inputs['skipFinalSnapshot'] === true) === (inputs['finalSnapshotIdentifier'] !== undefined),
  );
  return [...repositories, ...buckets, ...clusters].map(({ name }) => name);
}

function danglingDependencies({ resources }: Run): readonly string[] {
  const known = new Set(resources.map(({ urn }) => urn));
  return resources.flatMap(({ name, dependencies }) =>
    dependencies.filter((urn) => !known.has(urn)).map((urn) => `${name} on ${urn}`),
  );
}
