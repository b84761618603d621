import { SETTINGS } from '../../src/app/settings.ts';
import type { SettingName } from '../../src/app/settings.ts';
import { defaultText } from '../../src/settings/kinds.ts';

/** Settings of the service that the stack passes on and does not use itself. */
export const PASSED_ON = [
  'SPARKIFY_BATCH_MAX_FILES',
  'SPARKIFY_BATCH_MAX_BYTES',
  'SPARKIFY_BATCH_MAX_AGE_MS',
  'SPARKIFY_LOAD_REST',
  'SPARKIFY_LOAD_REST_MAX_MS',
  'SPARKIFY_MAX_HELD_FILES',
  'SPARKIFY_REJECTED_ROWS_MAX',
  'SPARKIFY_LOG_LEVEL',
  'SPARKIFY_READERS',
] as const satisfies readonly SettingName[];
type PassedOn = (typeof PASSED_ON)[number];

export function isPassedOn(name: string): name is PassedOn {
  return (PASSED_ON as readonly string[]).includes(name);
}

/** The texts of these settings: from `consumerEnvironment`, otherwise the service's defaults. */
export function passedOn(environment: Readonly<Record<string, string>>): Readonly<Record<PassedOn, string>> {
  const texts = PASSED_ON.map((name) => [name, environment[name] ?? defaultText(SETTINGS[name])]);
  return Object.fromEntries(texts) as Record<PassedOn, string>;
}
