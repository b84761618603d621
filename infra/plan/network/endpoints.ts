import type { Settings } from '../../settings.ts';

/** A way from the private subnets to one service of AWS. */
export type EndpointPlan = {
  /** The last part of its service name: `com.amazonaws.<region>.<service>`. */
  readonly service: string;
  readonly type: 'Gateway' | 'Interface';
  /** Why the stack pays for it. */
  readonly reason: string;
};

type Parts = Pick<Settings, 'warehouse' | 'consumer' | 'network'>;

/**
 * The endpoints of a VPC that has neither an internet gateway nor NAT. An existing VPC gets none: its owner knows
 * whether its ways out are NAT or endpoints, and a second endpoint with private names for one service is refused.
 *
 * Not there: the cluster's own port (the Data API is a service of AWS and connects to the warehouse from its side),
 * STS (a task's credentials come from the container agent) and Redshift's management API (temporary credentials are
 * fetched by the Data API on behalf of the caller).
 */
export function endpointsOf(settings: Parts): readonly EndpointPlan[] {
  if (settings.network.kind !== 'new') return [];
  const { warehouse, consumer } = settings;
  const consumes = consumer.kind === 'fargate';
  const bySecret = warehouse.kind === 'existing' && warehouse.serviceSecretArn !== null;
  const copies = warehouse.kind !== 'existing' && warehouse.enhancedVpcRouting;
  const s3 = [consumes && 'the consumer reads and writes files', copies && 'COPY reads them'].filter(Boolean);
  return [
    ...(s3.length > 0 ? [{ service: 's3', type: 'Gateway', reason: s3.join('; ') } as const] : []),
    ...(consumes ? interfaceEndpoints(bySecret) : []),
  ];
}

/** Endpoints with an address in every subnet, for the consumer. */
export function interfaceEndpoints(loginBySecret: boolean): readonly EndpointPlan[] {
  const wanted: readonly (readonly [string, string])[] = [
    ['sqs', 'the consumer receives and deletes messages'],
    ['redshift-data', 'the consumer runs SQL'],
    ['logs', 'the log of the tasks'],
    ['ecr.api', 'Fargate asks for the image'],
    ['ecr.dkr', 'Fargate pulls the image (its layers come from S3)'],
    // The Data API reads the secret by itself; this is for programs in these subnets that log in with it directly.
    ...(loginBySecret ? [['secretsmanager', 'the login of the service is a secret'] as const] : []),
  ];
  return wanted.map(([service, reason]) => ({ service, type: 'Interface', reason }));
}

/** Whether an image lies in ECR of a region: the only registry that the subnets of the stack reach. */
export function isInEcr(image: string, region: string): boolean {
  return /^\d{12}\.dkr\.ecr\./.test(image) && image.includes(`.dkr.ecr.${region}.`);
}
