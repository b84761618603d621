import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getAuthorizationTokenOutput } from '@pulumi/aws/ecr/getAuthorizationToken.js';
import { LifecyclePolicy } from '@pulumi/aws/ecr/lifecyclePolicy.js';
import { Repository } from '@pulumi/aws/ecr/repository.js';
import { Image } from '@pulumi/docker-build/image.js';
import { Provider as DockerProvider } from '@pulumi/docker-build/provider.js';
import { interpolate, output, secret } from '@pulumi/pulumi';
import type { Output } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import { imageLifecycle } from './image-lifecycle.ts';
import { partitionOf } from '../aws/partition.ts';
import { repositoryArnOf } from '../permissions/execution-role.ts';

/** What the tasks run. */
export type ConsumerImage = {
  /** By digest where the stack builds it: a task that starts again is the same program. */
  readonly uri: Output<string>;
  /** `null`: not in ECR, and the one who starts tasks needs no permission to pull it. */
  readonly repositoryArn: Output<string> | null;
};

/** A ready image, or one built from the project's Dockerfile into a repository of the stack. */
export function createImage(context: Context): ConsumerImage | null {
  const { consumer, region } = context.settings;
  if (consumer.kind === 'none') return null;
  if (consumer.image === null) return built(context);
  const repositoryArn = repositoryArnOf(consumer.image, partitionOf(region));
  return { uri: output(consumer.image), repositoryArn: repositoryArn === null ? null : output(repositoryArn) };
}

function built({ names, provider }: Context): ConsumerImage {
  const repository = new Repository(
    'image-repository',
    {
      name: names.repository,
      // Destroying the stack takes the images with it.
      forceDelete: true,
      imageTagMutability: 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
    },
    { provider },
  );
  new LifecyclePolicy(
    'image-lifecycle',
    { repository: repository.name, policy: JSON.stringify(imageLifecycle()) },
    { provider },
  );
  // Asked for only when there is a repository to push to; a first plan needs no answer from AWS.
  const token = getAuthorizationTokenOutput({ registryId: repository.registryId }, { provider });
  const docker = new DockerProvider('docker');
  const image = new Image(
    'image',
    {
      context: { location: projectFolder() },
      platforms: ['linux/arm64'],
      tags: [interpolate`${repository.repositoryUrl}:current`],
      push: true,
      // A plan builds nothing and needs no Docker.
      buildOnPreview: false,
      registries: [
        {
          address: repository.repositoryUrl,
          username: token.userName,
          password: secret(token.password),
        },
      ],
    },
    // Images go with their repository. Pulumi would delete an image under tasks that still name its digest, and with the
    // token of the last update, which has expired by then.
    { provider: docker, retainOnDelete: true },
  );
  return { uri: interpolate`${repository.repositoryUrl}@${image.digest}`, repositoryArn: repository.arn };
}

/** Relative to where the program runs, so that the state of a stack does not depend on whose machine it was. */
function projectFolder(): string {
  const folder = relative(process.cwd(), fileURLToPath(new URL('../..', import.meta.url)));
  return folder === '' ? '.' : folder;
}
