import { Bucket } from '@pulumi/aws/s3/bucket.js';
import { BucketLifecycleConfiguration } from '@pulumi/aws/s3/bucketLifecycleConfiguration.js';
import { BucketOwnershipControls } from '@pulumi/aws/s3/bucketOwnershipControls.js';
import { BucketPolicy } from '@pulumi/aws/s3/bucketPolicy.js';
import { BucketPublicAccessBlock } from '@pulumi/aws/s3/bucketPublicAccessBlock.js';
import { BucketServerSideEncryptionConfiguration } from '@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js';
import { BucketVersioning } from '@pulumi/aws/s3/bucketVersioning.js';
import { output } from '@pulumi/pulumi';
import type { Output } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import { bucketLifecycle } from './bucket-lifecycle.ts';
import { partitionOf } from '../aws/partition.ts';
import { bucketPolicy } from './bucket-policy.ts';
import type { DataSettings } from '../settings/settings.ts';

/** The bucket of logs and songs. */
export type Data = { readonly bucketName: Output<string>; readonly bucketArn: Output<string> };

/** A bucket of the stack, or the existing one by its name, of which nothing is changed here. */
export function createData(context: Context): Data {
  const { bucket } = context.settings.data;
  if (bucket.kind === 'new') return newBucket(context, bucket);
  const arn = `arn:${partitionOf(context.settings.region)}:s3:::${bucket.name}`;
  return { bucketName: output(bucket.name), bucketArn: output(arn) };
}

/**
 * A private bucket: no public access, no ACLs, TLS only, encrypted by S3. Without `bucketForceDestroy` it outlives the
 * stack, and so does what keeps it private: files are the one thing that cannot be made again.
 */
function newBucket(
  { settings, names, provider }: Context,
  plan: Extract<DataSettings['bucket'], { kind: 'new' }>,
): Data {
  const keep = { provider, retainOnDelete: !plan.forceDestroy };
  const made = new Bucket(names.bucket, { forceDestroy: plan.forceDestroy }, { ...keep, protect: settings.protect });
  const bucket = made.bucket;
  const closed = new BucketPublicAccessBlock(
    'bucket-public-access',
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    keep,
  );
  new BucketOwnershipControls('bucket-ownership', { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } }, keep);
  new BucketServerSideEncryptionConfiguration(
    'bucket-encryption',
    { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }] },
    keep,
  );
  // S3 takes one change of a bucket's access at a time; two at once end in "conflicting conditional operation".
  const policy = made.arn.apply((arn) => JSON.stringify(bucketPolicy(arn)));
  new BucketPolicy('bucket-policy', { bucket, policy }, { ...keep, dependsOn: [closed] });
  const versioning = plan.versioned
    ? [new BucketVersioning('bucket-versioning', { bucket, versioningConfiguration: { status: 'Enabled' } }, keep)]
    : [];
  const rules = bucketLifecycle({ ...plan, workPrefix: settings.data.workPrefix });
  new BucketLifecycleConfiguration(
    'bucket-lifecycle',
    { bucket, rules: [...rules] },
    { ...keep, dependsOn: versioning },
  );
  return { bucketName: bucket, bucketArn: made.arn };
}
