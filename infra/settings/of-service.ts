import type { z } from 'zod';
import { SETTINGS } from '../../src/app/settings.ts';
import type { SettingName, SettingValues } from '../../src/app/settings.ts';
import type { Definition } from './kinds.ts';

/** A setting that the service has too: what fits and the default are the service's own. */
export function ofService<N extends SettingName>(name: N, what: string): Definition<NonNullable<SettingValues[N]>> {
  const { schema, expected, default: fallback } = SETTINGS[name];
  const read = schema as unknown as z.ZodType<NonNullable<SettingValues[N]>>;
  return { type: 'string', default: fallback ?? '', description: what, expected, schema: read };
}

/** The same for a whole number. */
export function numberOfService(name: SettingName, what: string): Definition<number> {
  const { schema, expected, default: fallback } = SETTINGS[name];
  const read = schema as z.ZodType<number>;
  return { type: 'integer', default: Number(fallback), description: what, expected, schema: read };
}

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

/** The texts of these settings: from `consumerEnvironment`, otherwise the service's defaults; `null`: not set. */
export function passedOn(environment: Readonly<Record<string, string>>): Readonly<Record<PassedOn, string | null>> {
  const texts = PASSED_ON.map((name) => [name, environment[name] ?? SETTINGS[name].default]);
  return Object.fromEntries(texts) as Record<PassedOn, string | null>;
}
