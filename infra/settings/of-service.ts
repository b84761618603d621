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

/** The same for a number with decimals, which `Pulumi.yaml` has no type for. */
export function decimalOfService(name: SettingName, what: string): Definition<number> {
  return { ...numberOfService(name, what), type: 'string', default: SETTINGS[name].default ?? '' };
}

/** The same for a whole number. */
export function numberOfService(name: SettingName, what: string): Definition<number> {
  const { schema, expected, default: fallback } = SETTINGS[name];
  const read = schema as z.ZodType<number>;
  return { type: 'integer', default: Number(fallback), description: what, expected, schema: read };
}
