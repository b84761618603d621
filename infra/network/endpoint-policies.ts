import { policy } from '../aws/policy.ts';
import type { Policy, Statement } from '../aws/policy.ts';

/**
 * Policy of an interface endpoint: calls of principals of this account only, so that credentials of another account that
 * reach these subnets cannot take data out (AWS PrivateLink guide, endpoint policies). A second wall behind the roles.
 */
export function accountOnly(account: string): Policy {
  return policy({
    Sid: 'ThisAccount',
    Effect: 'Allow',
    Principal: '*',
    Action: ['*'],
    Resource: ['*'],
    Condition: { StringEquals: { 'aws:PrincipalAccount': account } },
  });
}

/**
 * What passes the S3 endpoint: the data bucket, whose own policy decides who may enter it, and the bucket in which ECR
 * keeps the layers of images (ECR user guide, interface VPC endpoints: `prod-region-starport-layer-bucket`), where
 * images come from ECR.
 */
export function bucketAndLayers(input: {
  readonly partition: string;
  readonly region: string;
  readonly bucketArn: string;
  readonly layers: boolean;
}): Policy {
  const { partition, region, bucketArn, layers } = input;
  const bucket: Statement = {
    Sid: 'Bucket',
    Effect: 'Allow',
    Principal: '*',
    Action: ['s3:*'],
    Resource: [bucketArn, `${bucketArn}/*`],
  };
  const imageLayers: Statement = {
    Sid: 'ImageLayers',
    Effect: 'Allow',
    Principal: '*',
    Action: ['s3:GetObject'],
    Resource: [`arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`],
  };
  return layers ? policy(bucket, imageLayers) : policy(bucket);
}
