import { DEFINITIONS } from './definitions.ts';
import type { StackSettingName, StackSettingValues } from './definitions.ts';

/** One wrong setting. */
export type SettingProblem = { readonly name: string; readonly sentence: string };

/**
 * Settings that were changed from their default although they have no meaning here.
 *
 * @param why completes "has no meaning …".
 */
export function meaningless(
  values: StackSettingValues,
  names: readonly StackSettingName[],
  why: string,
): SettingProblem[] {
  return names
    .filter((name) => isSet(values, name))
    .map((name) => ({
      name,
      sentence: `is ${shown(values[name])}, which has no meaning ${why}; remove it (npx pulumi config rm ${name})`,
    }));
}

/** Whether a setting says something else than its default. */
export function isSet(values: StackSettingValues, name: StackSettingName): boolean {
  const value = values[name];
  const fallback = DEFINITIONS[name].default;
  if (value === null) return false;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return value !== fallback;
}

function shown(value: StackSettingValues[StackSettingName]): string {
  return JSON.stringify(value);
}
