/**
 * What passes through a stack and what is kept: guesses of whoever asks, not facts of the stack. Each is changed by the
 * stack's `usage` setting under its name here.
 */
export type Usage = {
  readonly filesPerDay: number;
  /** Objects in the bucket, GB. */
  readonly bucketGb: number;
  /** Data in the warehouse, GB, as it stores them. */
  readonly warehouseGb: number;
  /** How long the warehouse works on one batch, with the linger before it. */
  readonly batchSeconds: number;
  /** Hours a day for which others query a Serverless workgroup while no batch does. */
  readonly queryHoursPerDay: number;
};

/** A file every five minutes. */
export const DEFAULT_USAGE: Usage = {
  filesPerDay: 288,
  bucketGb: 50,
  warehouseGb: 50,
  batchSeconds: 10,
  queryHoursPerDay: 2,
};

export const USAGE_NAMES = Object.keys(DEFAULT_USAGE) as readonly (keyof Usage)[];

/** The default amounts, with those that a stack names replaced; a name that is no amount changes nothing. */
export function usageWith(changed: Readonly<Record<string, number>>): Usage {
  const entries = USAGE_NAMES.map((name) => [name, changed[name] ?? DEFAULT_USAGE[name]] as const);
  return Object.fromEntries(entries) as Record<keyof Usage, number>;
}
