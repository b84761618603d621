import { RUNNING_HOURS } from './running-hours.ts';
import { choice, flag, integer, optionalText, text } from './kinds.ts';
import { ofService } from './of-service.ts';

/** Settings of a warehouse of the stack. */
export function warehouse() {
  return {
    warehouse: choice({
      description: 'cluster: provisioned nodes. serverless: pay per use. existing: a warehouse that exists already.',
      words: ['cluster', 'serverless', 'existing'],
      default: 'cluster',
    }),
    nodeType: text({
      description: 'Node type of the cluster. AWS refuses a type that the region does not have: "Invalid node type".',
      expected: 'a node type such as ra3.large',
      pattern: /^[a-z0-9]+\.[a-z0-9]+$/,
      // The smallest node that can be paused.
      default: 'ra3.large',
    }),
    nodeCount: integer({ description: 'Nodes of the cluster.', what: 'nodes', min: 1, max: 128, default: 1 }),
    runningHours: optionalText({
      description:
        'Hours (UTC) and days in which the cluster runs. Redshift pauses it outside of them. Without them the cluster always runs.',
      expected: 'hours and days such as 06:00-20:00 mon-fri',
      pattern: RUNNING_HOURS,
    }),
    snapshotDays: integer({
      description: 'Days for which Redshift keeps automatic snapshots of the cluster.',
      what: 'days',
      min: 1,
      max: 35,
      default: 1,
    }),
    snapshotOnDestroy: flag({ description: 'Take a final snapshot when the cluster is destroyed.', default: false }),
    enhancedVpcRouting: flag({ description: 'COPY reads the bucket through the VPC only.', default: true }),
    baseCapacity: integer({
      description: 'Serverless: base capacity in RPUs.',
      what: 'RPUs',
      min: 4,
      max: 1024,
      default: 8,
    }),
    ...databaseNames(),
  };
}

function databaseNames() {
  return {
    database: text({
      description: 'Database in the warehouse.',
      expected: 'a lower-case letter, then up to 62 lower-case letters, digits or underscores',
      pattern: /^[a-z][a-z0-9_]{0,62}$/,
      default: 'sparkify',
    }),
    schema: ofService('SPARKIFY_SCHEMA', 'Schema of the tables.'),
    dbUser: text({
      description: 'Database user of the service in a cluster. In a workgroup the role of the service is its user.',
      expected: 'a lower-case letter, then up to 62 lower-case letters, digits or underscores',
      pattern: /^[a-z][a-z0-9_]{0,62}$/,
      default: 'sparkify_ingest',
    }),
  };
}

/** Settings of a warehouse that is there already. */
export function existingWarehouse() {
  const secret = {
    expected: 'the ARN of a Secrets Manager secret',
    pattern: /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/,
  };
  return {
    existingClusterIdentifier: optionalText({
      description: 'Existing warehouse: identifier of the cluster.',
      expected: 'the identifier of a cluster',
      pattern: /^[a-z][a-z0-9-]{0,62}$/,
    }),
    existingWorkgroupName: optionalText({
      description: 'Existing warehouse: name of the Serverless workgroup.',
      expected: 'the name of a workgroup: 3 to 64 lower-case letters, digits or hyphens',
      pattern: /^[a-z0-9-]{3,64}$/,
    }),
    existingWorkgroupArn: optionalText({
      description: 'Existing warehouse: ARN of the workgroup, for the permissions of the service.',
      expected: 'arn:aws:redshift-serverless:<region>:<account>:workgroup/<id>',
      pattern: /^arn:aws[a-z-]*:redshift-serverless:[a-z0-9-]+:\d{12}:workgroup\/[A-Za-z0-9-]+$/,
    }),
    serviceSecretArn: optionalText({
      description: 'Existing warehouse: secret with which the service logs in, instead of temporary credentials.',
      ...secret,
    }),
    adminSecretArn: optionalText({
      description:
        'Existing warehouse: secret of an administrator, with which the stack creates the database user of the service.',
      ...secret,
    }),
    copyRoleArn: optionalText({
      description:
        'Existing warehouse: role for COPY that is attached to it. Without it the stack creates a role, and you attach it.',
      expected: 'the ARN of a role',
      pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/,
    }),
  };
}
