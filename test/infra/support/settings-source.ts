import { readSettings } from '../../../infra/read-settings.ts';
import type { Settings } from '../../../infra/settings/settings.ts';
import { SettingsError } from '../../../src/settings/read-values.ts';
import type { SettingsSource } from '../../../src/settings/read-values.ts';

export type SettingValue = string | number | boolean | readonly string[];
export type StackConfig = Readonly<Record<string, SettingValue>>;

/** Settings as the Pulumi CLI hands them over: texts, lists as JSON. */
function settingsSource(config: StackConfig): SettingsSource {
  const texts = new Map(Object.entries(config).map(([name, value]) => [name, configText(value)]));
  return { get: (name) => texts.get(name), names: () => [...texts.keys()] };
}

export function configText(value: SettingValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The settings of a stack in which only these differ from their defaults. */
export function settingsWith(config: StackConfig = {}): Settings {
  return readSettings(settingsSource(config));
}

/** What a stack with these settings is told, a line per problem. */
export function refusalOf(config: StackConfig): readonly string[] {
  try {
    settingsWith(config);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ name, sentence }) => `${name}: ${sentence}`);
    throw error;
  }
  return [];
}
