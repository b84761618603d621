import { Provider } from '@pulumi/aws/provider.js';
import type { Settings } from './settings/settings.ts';

/** Services that the stack speaks to, as the provider names them; an emulator answers for all of them at one address. */
const SERVICES = [
  ...['cloudwatch', 'ec2', 'ecr', 'ecs', 'events', 'iam', 'logs', 'redshift', 'redshiftdata', 'redshiftserverless'],
  ...['s3', 'scheduler', 'secretsmanager', 'sns', 'sqs', 'sts'],
];

/**
 * The one way to AWS: this region, this account if one is named, these tags on everything. Nothing is taken from
 * `aws:` settings of the stack, so that what a plan shows does not depend on who makes it.
 */
export function createProvider(settings: Settings, tags: Readonly<Record<string, string>>): Provider {
  const { region, accountId, endpointUrl } = settings;
  return new Provider('aws', {
    region,
    defaultTags: { tags },
    ...(accountId === null ? {} : { allowedAccountIds: [accountId] }),
    ...(endpointUrl === null ? {} : emulator(endpointUrl)),
  });
}

function emulator(url: string) {
  return {
    endpoints: [Object.fromEntries(SERVICES.map((service) => [service, url]))],
    // An emulator has neither names for buckets in DNS nor metadata of an instance, and takes any credentials.
    s3UsePathStyle: true,
    skipCredentialsValidation: true,
    skipMetadataApiCheck: true,
  };
}

/** Tags of everything: what made it, which stack, and what the settings add. */
export function tagsOf(stack: string, settings: Settings): Readonly<Record<string, string>> {
  return { project: 'sparkify-ingest', stack, ...settings.tags };
}
