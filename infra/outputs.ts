import { all, interpolate, output } from '@pulumi/pulumi';
import type { Input, Output } from '@pulumi/pulumi';
import type { Context } from './context.ts';
import type { Data } from './data/create-data.ts';
import type { Roles } from './permissions/create-roles.ts';
import { dbUserOf } from './permissions/warehouse-login.ts';
import type { ServiceValues } from './consumer/service-environment.ts';
import type { Queues } from './queue/create-queues.ts';
import type { Warehouse } from './warehouse/create-warehouse.ts';

/** Settings of the service that follow from this stack. */
export function serviceValues(
  { settings }: Context,
  parts: { readonly data: Data; readonly queues: Queues; readonly roles: Roles; readonly warehouse: Warehouse },
): ServiceValues<Input<string>> {
  const { data, queues, roles, warehouse } = parts;
  const { batching, passedOn } = settings;
  const { logJsonpathsKey } = settings.data;
  const { target } = warehouse;
  const existing = settings.warehouse.kind === 'existing' ? settings.warehouse : null;
  return {
    region: settings.region,
    bucket: data.bucketName,
    logPrefix: settings.data.logPrefix,
    logJsonpaths: logJsonpathsKey === null ? null : interpolate`s3://${data.bucketName}/${logJsonpathsKey}`,
    songPrefix: settings.data.songPrefix,
    workPrefix: settings.data.workPrefix,
    onDelete: settings.data.onDelete,
    queueUrl: queues.queue.url,
    deadLetterQueueUrl: queues.deadLetterQueue.url,
    visibilitySeconds: String(settings.queue.visibilitySeconds),
    clusterIdentifier: target.kind === 'cluster' ? target.identifier : null,
    workgroupName: target.kind === 'workgroup' ? target.name : null,
    database: settings.warehouse.database,
    dbUser: dbUserOf(settings.warehouse),
    secretArn: existing?.serviceSecretArn ?? null,
    schema: settings.warehouse.schema,
    readers: passedOn.SPARKIFY_READERS === '' ? null : passedOn.SPARKIFY_READERS,
    copyRoleArn: roles.copyRoleArn,
    lingerMs: String(batching.lingerMs),
    batchMaxFiles: passedOn.SPARKIFY_BATCH_MAX_FILES,
    batchMaxBytes: passedOn.SPARKIFY_BATCH_MAX_BYTES,
    batchMaxAgeMs: passedOn.SPARKIFY_BATCH_MAX_AGE_MS,
    loadIntervalMs: String(batching.loadIntervalMs),
    loadRest: passedOn.SPARKIFY_LOAD_REST,
    loadRestMaxMs: passedOn.SPARKIFY_LOAD_REST_MAX_MS,
    maxHeldFiles: passedOn.SPARKIFY_MAX_HELD_FILES,
    drainSeconds: String(batching.drainSeconds),
    rejectedRowsMax: passedOn.SPARKIFY_REJECTED_ROWS_MAX,
    logLevel: passedOn.SPARKIFY_LOG_LEVEL,
  };
}

/**
 * Steps that are left for a person, each with its command; empty when the stack did everything.
 *
 * @param parts.databaseUserSql SQL that an administrator has to run; `null`: the stack ran it.
 */
export function leftToDo(
  { settings }: Context,
  parts: { readonly data: Data; readonly roles: Roles; readonly databaseUserSql: Output<string> | null },
): Output<readonly string[]> {
  const { bucket } = settings.data;
  const steps: Output<string>[] = [];
  if (bucket.kind === 'existing' && bucket.events === 'eventbridge') {
    steps.push(
      output(
        `Turn on EventBridge for ${bucket.name}, if it is not on; its other notifications stay: ` +
          `aws s3api get-bucket-notification-configuration --bucket ${bucket.name} | ` +
          `jq '. + {EventBridgeConfiguration: {}}' > notifications.json && ` +
          `aws s3api put-bucket-notification-configuration --bucket ${bucket.name} ` +
          `--notification-configuration file://notifications.json`,
      ),
    );
  }
  const { warehouse } = settings;
  if (warehouse.kind === 'existing' && warehouse.copyRoleArn === null) {
    steps.push(roles(parts.roles, warehouse.target));
  }
  if (parts.databaseUserSql !== null) {
    steps.push(
      parts.databaseUserSql.apply((sql) => `Run as an administrator of database ${warehouse.database}:\n${sql}`),
    );
  }
  return all(steps);
}

function roles(
  { copyRoleArn }: Roles,
  target:
    { readonly kind: 'cluster'; readonly identifier: string } | { readonly kind: 'workgroup'; readonly name: string },
): Output<string> {
  return copyRoleArn.apply((arn) =>
    target.kind === 'cluster'
      ? `Attach the role for COPY: aws redshift modify-cluster-iam-roles --cluster-identifier ${target.identifier} --add-iam-roles ${arn}`
      : `Attach the role for COPY to the namespace of ${target.name}, and name the roles that are attached already: ` +
        `aws redshift-serverless update-namespace --namespace-name NAMESPACE --iam-roles ATTACHED_ROLES ${arn}`,
  );
}
