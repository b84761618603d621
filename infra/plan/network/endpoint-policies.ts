/** What may pass an endpoint, whoever asks: a second wall behind the roles. */
export type EndpointPolicy = {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
};

/**
 * Interface endpoints: principals of this account and nobody else, so that credentials carried into these subnets
 * cannot take anything out to another account through them (AWS PrivateLink guide, endpoint policies).
 */
export function accountOnly(account: string): EndpointPolicy {
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'ThisAccount', Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', ...ownAccount(account) },
    ],
  };
}

/**
 * The S3 endpoint: the bucket of the stack for principals of this account, and the bucket in which ECR keeps the layers
 * of images (ECR user guide, interface VPC endpoints: "prod-region-starport-layer-bucket"), where images come from ECR.
 */
export function bucketAndLayers(input: {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly bucketArn: string;
  readonly layers: boolean;
}): EndpointPolicy {
  const { partition, region, account, bucketArn } = input;
  const layers = {
    Sid: 'ImageLayers',
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`,
  };
  const bucket = {
    Sid: 'Bucket',
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucketArn, `${bucketArn}/*`],
    ...ownAccount(account),
  };
  return { Version: '2012-10-17', Statement: input.layers ? [bucket, layers] : [bucket] };
}

function ownAccount(account: string) {
  return { Condition: { StringEquals: { 'aws:PrincipalAccount': account } } };
}
