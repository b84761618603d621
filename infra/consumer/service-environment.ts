import { STACK_OUTPUTS } from '../../src/app/stack-outputs.ts';
import type { StackOutputName } from '../../src/app/stack-outputs.ts';
import type { SettingName } from '../../src/app/settings.ts';

/** Values of the outputs that are settings of the service; `null` for what a stack of this kind does not have. */
export type ServiceValues<T> = { readonly [N in StackOutputName]: T | null };

/**
 * The environment of the service, from the same list as the outputs.
 *
 * @returns in the order of the list; what is `null` is left out.
 */
export function serviceEnvironment<T>(
  values: ServiceValues<T>,
): readonly { readonly name: SettingName; readonly value: T }[] {
  return Object.entries(STACK_OUTPUTS).flatMap(([output, name]) => {
    const value = values[output as StackOutputName];
    return value === null ? [] : [{ name, value }];
  });
}
