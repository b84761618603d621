import type { SettingProblem } from '../../src/settings/read-values.ts';
import { DEFINITIONS } from '../settings/definitions.ts';
import type { StackSettingName, StackSettingValues } from '../settings/definitions.ts';

/**
 * Settings that differ from their default although they have no meaning here.
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

/** Whether a setting differs from its default. */
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

/** ARNs of another region than that of the stack. */
export function regionChecks(
  values: StackSettingValues,
  names: readonly ('bucketKmsKeyArn' | 'existingWorkgroupArn' | 'serviceSecretArn' | 'adminSecretArn')[],
): SettingProblem[] {
  const { region } = values;
  return names.flatMap((name) => {
    const arn = values[name];
    const seen = arn?.split(':')[3];
    if (seen === undefined || seen === region) return [];
    return [
      { name, sentence: `is "${arn ?? ''}" in ${seen}; it must be in the region of the stack, which is ${region}` },
    ];
  });
}
