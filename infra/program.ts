import { getProject, getStack, runtime } from '@pulumi/pulumi';
import type { Input, Resource } from '@pulumi/pulumi';
import type { SettingsSource } from '../src/settings/read-values.ts';
import { createAnnouncements } from './queue/create-announcements.ts';
import { createImage } from './consumer/create-image.ts';
import { createConsumer, createConsumerLog } from './consumer/create-consumer.ts';
import type { Context } from './context.ts';
import { createData } from './data/create-data.ts';
import { createDatabaseUser } from './permissions/create-database-user.ts';
import { createNetwork } from './network/create-network.ts';
import type { Network } from './network/create-network.ts';
import { createObservability } from './observability/create-observability.ts';
import { leftToDo, serviceValues } from './outputs.ts';
import { createRoles, createServicePermissions } from './permissions/create-roles.ts';
import type { Roles } from './permissions/create-roles.ts';
import { namesOf } from './aws/names.ts';
import { serviceEnvironment } from './consumer/service-environment.ts';
import type { ServiceValues } from './consumer/service-environment.ts';
import { createProvider, tagsOf } from './create-provider.ts';
import { createQueues } from './queue/create-queues.ts';
import { readSettings } from './read-settings.ts';
import { createWarehouse } from './warehouse/create-warehouse.ts';

/**
 * Creates the stack. It checks the settings first, so that a wrong setting leaves nothing behind, and then creates the
 * parts in the order in which they depend on each other. A plan asks AWS nothing.
 *
 * @returns the outputs of the stack.
 * @throws SettingsError naming every wrong setting.
 */
export function program(): Readonly<Record<string, Input<unknown>>> {
  const stack = getStack();
  const settings = readSettings(stackSettings());
  const tags = tagsOf(stack, settings);
  const provider = createProvider(settings, tags);
  return createStack({ settings, names: namesOf(stack), stack, provider, tags });
}

function createStack(context: Context): Readonly<Record<string, Input<unknown>>> {
  const data = createData(context);
  const queues = createQueues(context);
  createAnnouncements(context, data, queues);
  const { account } = queues;
  const roles = createRoles(context, { account, data });
  const network = createNetwork(context, { bucketArn: data.bucketArn });
  const warehouse = createWarehouse(context, { network, copyRoleArn: roles.copyRoleArn });
  const databaseUser = createDatabaseUser(context, { warehouse, roles });
  const allowed = createServicePermissions(context, { account, data, queues, roles, warehouse });
  const values = serviceValues(context, { data, queues, roles, warehouse });
  const watched = runAndWatch(context, {
    values,
    roles,
    network,
    after: [allowed, ...roles.copyAllowed, ...databaseUser.made],
  });
  return present({
    ...values,
    ...watched,
    serviceRoleArn: roles.service.arn,
    leftToDo: leftToDo(context, { data, roles, databaseUserSql: databaseUser.sql }),
  });
}

/** The consumer, where the stack runs one, and what looks after it. */
function runAndWatch(
  context: Context,
  parts: {
    readonly values: ServiceValues<Input<string>>;
    readonly roles: Roles;
    readonly network: Network | null;
    readonly after: readonly Resource[];
  },
) {
  const { values, roles, network, after } = parts;
  const log = createConsumerLog(context);
  const image = createImage(context);
  const { execution } = roles;
  const isRun = log !== null && image !== null && execution !== null && network !== null;
  const consumer = isRun
    ? createConsumer(context, {
        image,
        log,
        network,
        taskRoleArn: roles.service.arn,
        executionRoleArn: execution.role.arn,
        environment: Object.fromEntries(serviceEnvironment(values).map(({ name, value }) => [name, value])),
        after: [...after, execution.allowed],
      })
    : null;
  const { alarmTopicArn, dashboardName } = createObservability(context, { log, consumer });
  return {
    consumerCluster: consumer?.clusterName ?? null,
    consumerService: consumer?.serviceName ?? null,
    consumerLogGroup: log?.name ?? null,
    consumerImage: image?.uri ?? null,
    alarmTopicArn,
    dashboardName,
  };
}

/** The settings of this stack, as texts under their names without the project's. */
function stackSettings(): SettingsSource {
  const prefix = `${getProject()}:`;
  const all = runtime.allConfig();
  return {
    get: (name) => all[prefix + name],
    names: () =>
      Object.keys(all)
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length)),
  };
}

/** What this stack has. */
function present(outputs: Readonly<Record<string, Input<unknown>>>): Readonly<Record<string, Input<unknown>>> {
  return Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== null));
}
