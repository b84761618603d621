import { getProject, getStack, runtime } from '@pulumi/pulumi';
import type { Input } from '@pulumi/pulumi';
import { createAnnouncements } from './announcements.ts';
import type { Context } from './context.ts';
import { createData } from './data.ts';
import { createDatabaseUser } from './database.ts';
import { createNetwork } from './network.ts';
import { leftToDo, serviceValues } from './outputs.ts';
import { createRoles, createServicePermissions } from './permissions.ts';
import { namesOf } from './plan/names.ts';
import { createProvider, tagsOf } from './provider.ts';
import { createQueues } from './queue.ts';
import { readSettings } from './settings.ts';
import type { SettingsSource } from './settings.ts';
import { createWarehouse } from './warehouse.ts';

/**
 * Makes the stack. Settings are checked first, so that a wrong one leaves nothing behind; then everything is asked for
 * in the order in which it depends on what is there. Nothing is asked of AWS in order to plan.
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
  const roles = createRoles(context, { account: queues.account, data });
  const network = createNetwork(context, { bucketArn: data.bucketArn });
  const warehouse = createWarehouse(context, { network, copyRoleArn: roles.copyRoleArn });
  const databaseUser = createDatabaseUser(context, { warehouse, roles });
  createServicePermissions(context, { account: queues.account, data, queues, roles, warehouse });
  const service = serviceValues(context, { data, queues, roles, warehouse });
  return {
    ...present(service),
    serviceRoleArn: roles.service.arn,
    leftToDo: leftToDo(context, { data, roles, databaseUserSql: databaseUser.sql }),
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

function present(values: Readonly<Record<string, Input<string> | null>>): Readonly<Record<string, Input<string>>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, Input<string>][] =>
      value === null ? [] : [[name, value]],
    ),
  );
}
