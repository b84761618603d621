/** A way from the private subnets to one service of AWS. */
export type EndpointPlan = {
  /** The last part of its service name: `com.amazonaws.<region>.<service>`. */
  readonly service: string;
  readonly type: 'Gateway' | 'Interface';
  /** Why the stack pays for it. */
  readonly reason: string;
};

/** Endpoints for the consumer, with an address in each of the endpoint zones. */
export function interfaceEndpoints(loginBySecret: boolean): readonly EndpointPlan[] {
  const wanted: readonly (readonly [string, string])[] = [
    ['sqs', 'the consumer receives and deletes messages'],
    ['redshift-data', 'the consumer runs SQL'],
    ['logs', 'the log of the tasks'],
    ['ecr.api', 'Fargate asks for the image'],
    ['ecr.dkr', 'Fargate pulls the image (its layers come from S3)'],
    // The Data API needs no endpoint to read the secret; programs in these subnets that log in with the secret do.
    ...(loginBySecret ? [['secretsmanager', 'the login of the service is a secret'] as const] : []),
  ];
  return wanted.map(([service, reason]) => ({ service, type: 'Interface', reason }));
}

/** Whether an image lies in ECR of a region: the only registry that the subnets of the stack reach. */
export function isInEcr(image: string, region: string): boolean {
  return /^\d{12}\.dkr\.ecr\./.test(image) && image.includes(`.dkr.ecr.${region}.`);
}
