import { SETTINGS } from '../../src/app/settings.ts';
import { RUNNING_HOURS } from './running-hours.ts';
import { choice, flag, integer, optionalText, text } from '../../src/settings/kinds.ts';

/** Settings of a warehouse of the stack. */
export function warehouse() {
  return {
    warehouse: {
      description: 'cluster: provisioned nodes. serverless: pay per use. existing: a warehouse that exists already.',
      ...choice({ words: ['cluster', 'serverless', 'existing'], default: 'cluster' }),
    },
    nodeType: {
      description: 'Node type of the cluster. AWS refuses a type that the region does not have: "Invalid node type".',
      ...text({
        expected: 'a node type such as ra3.large',
        pattern: /^[a-z0-9]+\.[a-z0-9]+$/,
        // The smallest node that can be paused.
        default: 'ra3.large',
      }),
    },
    nodeCount: { description: 'Nodes of the cluster.', ...integer({ what: 'nodes', min: 1, max: 128, default: 1 }) },
    runningHours: {
      description:
        'Hours (UTC) and days in which the cluster runs. Redshift pauses it outside of them. Without them the cluster always runs.',
      ...optionalText({ expected: 'hours and days such as 06:00-20:00 mon-fri', pattern: RUNNING_HOURS }),
    },
    snapshotDays: {
      description: 'Days for which Redshift keeps automatic snapshots of the cluster.',
      ...integer({ what: 'days', min: 1, max: 35, default: 1 }),
    },
    snapshotOnDestroy: {
      description: 'Take a final snapshot when the cluster is destroyed.',
      ...flag({ default: false }),
    },
    enhancedVpcRouting: { description: 'COPY reads the bucket through the VPC only.', ...flag({ default: true }) },
    baseCapacity: {
      description: 'Serverless: base capacity in RPUs.',
      ...integer({ what: 'RPUs', min: 4, max: 1024, default: 8 }),
    },
    ...databaseNames(),
  };
}

function databaseNames() {
  return {
    database: {
      description: 'Database in the warehouse.',
      ...text({
        expected: 'a lower-case letter, then up to 62 lower-case letters, digits or underscores',
        pattern: /^[a-z][a-z0-9_]{0,62}$/,
        default: 'sparkify',
      }),
    },
    schema: { ...SETTINGS.SPARKIFY_SCHEMA, description: 'Schema of the tables.' },
    dbUser: {
      description: 'Database user of the service in a cluster. In a workgroup the role of the service is its user.',
      ...text({
        expected: 'a lower-case letter, then up to 62 lower-case letters, digits or underscores',
        pattern: /^[a-z][a-z0-9_]{0,62}$/,
        default: 'sparkify_ingest',
      }),
    },
  };
}

/** Settings of a warehouse that is there already. */
export function existingWarehouse() {
  const secret = {
    expected: 'the ARN of a Secrets Manager secret',
    pattern: /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/,
  };
  return {
    existingClusterIdentifier: {
      ...SETTINGS.SPARKIFY_CLUSTER_IDENTIFIER,
      description: 'Existing warehouse: identifier of the cluster.',
    },
    existingWorkgroupName: {
      ...SETTINGS.SPARKIFY_WORKGROUP_NAME,
      description: 'Existing warehouse: name of the Serverless workgroup.',
    },
    existingWorkgroupArn: {
      description: 'Existing warehouse: ARN of the workgroup, for the permissions of the service.',
      ...optionalText({
        expected: 'arn:aws:redshift-serverless:<region>:<account>:workgroup/<id>',
        pattern: /^arn:aws[a-z-]*:redshift-serverless:[a-z0-9-]+:\d{12}:workgroup\/[A-Za-z0-9-]+$/,
      }),
    },
    serviceSecretArn: {
      description: 'Existing warehouse: secret with which the service logs in, instead of temporary credentials.',
      ...optionalText(secret),
    },
    adminSecretArn: {
      description:
        'Existing warehouse: secret of an administrator, with which the stack creates the database user of the service.',
      ...optionalText(secret),
    },
    copyRoleArn: {
      description:
        'Existing warehouse: role for COPY that is attached to it. Without it the stack creates a role, and you attach it.',
      ...optionalText({ expected: 'the ARN of a role', pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/ }),
    },
  };
}
