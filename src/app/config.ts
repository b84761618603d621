import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseEnv } from 'node:util';
import type { RouteSettings } from '../core/route.ts';
import { parseReaders } from '../schema/grant-readers.ts';
import type { Reader } from '../schema/grant-readers.ts';
import { SettingsError, readValues } from '../settings/read-values.ts';
import type { SettingProblem, SettingsSource } from '../settings/read-values.ts';
import { SETTINGS } from './settings.ts';
import type { SettingName, SettingValues } from './settings.ts';

/** Where `sparkify local` writes the settings of the embedded stack, relative to the working directory. */
export const LOCAL_ENV_FILE = '.sparkify/local.env';

/** Settings for every command. */
export type BaseConfig = {
  readonly region: string;
  readonly consumerName: string;
  /** Who runs a command that changes rows; `null`: the caller of AWS. */
  readonly operator: string | null;
  readonly logLevel: SettingValues['SPARKIFY_LOG_LEVEL'];
};

/** Settings for some commands only. */
type ConfigSections = {
  readonly bucket: {
    readonly name: string;
    readonly logPrefix: string;
    /** `s3://bucket/key` or a path; `null`: the usual keys. */
    readonly logJsonPaths: string | null;
    readonly songPrefix: string;
    readonly workPrefix: string;
    readonly onDelete: RouteSettings['onDelete'];
  };
  readonly queue: {
    readonly url: string;
    /** `null`: taken from the queue's redrive policy. */
    readonly deadLetterUrl: string | null;
    readonly visibilitySeconds: number;
  };
  readonly warehouse: {
    readonly schema: string;
    /** Exactly one of the two is set. */
    readonly clusterIdentifier: string | null;
    readonly workgroupName: string | null;
    readonly database: string;
    readonly dbUser: string | null;
    readonly secretArn: string | null;
    /** Who may read the five tables. */
    readonly readers: readonly Reader[];
  };
  readonly copy: { readonly roleArn: string; readonly rejectedRowsMax: number };
  readonly batching: {
    readonly lingerMs: number;
    readonly batchMaxFiles: number;
    readonly batchMaxBytes: number;
    readonly batchMaxAgeMs: number;
    readonly loadIntervalMs: number;
    readonly loadRest: number;
    readonly loadRestMaxMs: number;
    readonly maxHeldFiles: number;
    readonly drainSeconds: number;
  };
};

export type Section = keyof ConfigSections;
export type Config<S extends Section = never> = BaseConfig & Pick<ConfigSections, S>;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a command from an environment, and reports all problems at once.
 *
 * @param needs the sections that the command uses. Required settings of other sections may be missing, but every set value is
 *   checked.
 * @throws SettingsError naming every wrong, missing and unknown setting.
 */
export function readConfig<S extends Section = never>(environment: Environment, needs: readonly S[]): Config<S> {
  const { values, problems } = readValues(SETTINGS, sourceOf(environment), {
    check: (seen, wrong) => [...missing(seen, needs), ...crossChecks(seen, needs, wrong)],
  });
  if (problems.length > 0) throw new SettingsError(problems);
  const sections = Object.fromEntries(needs.map((need) => [need, BUILD[need](values)]));
  return { ...baseConfig(values), ...sections } as Config<S>;
}

function sourceOf(environment: Environment): SettingsSource {
  return {
    // Many tools set an empty variable for "not set".
    get: (name) => (environment[name] === '' ? undefined : environment[name]),
    // Names of the embedded stack pass.
    names: () =>
      Object.keys(environment).filter((name) => name.startsWith('SPARKIFY_') && !name.startsWith('SPARKIFY_LOCAL_')),
  };
}

/** Settings without a default that a section requires. */
const REQUIRED: Readonly<Record<Section, readonly SettingName[]>> = {
  bucket: ['SPARKIFY_BUCKET'],
  queue: ['SPARKIFY_QUEUE_URL'],
  warehouse: ['SPARKIFY_DATABASE'],
  copy: ['SPARKIFY_COPY_ROLE_ARN'],
  batching: [],
};

const BUILD: { readonly [S in Section]: (values: SettingValues) => ConfigSections[S] } = {
  bucket: (values) => ({
    name: present(values.SPARKIFY_BUCKET),
    logPrefix: values.SPARKIFY_LOG_PREFIX,
    logJsonPaths: values.SPARKIFY_LOG_JSONPATHS,
    songPrefix: values.SPARKIFY_SONG_PREFIX,
    workPrefix: values.SPARKIFY_WORK_PREFIX,
    onDelete: values.SPARKIFY_ON_DELETE,
  }),
  queue: (values) => ({
    url: present(values.SPARKIFY_QUEUE_URL),
    deadLetterUrl: values.SPARKIFY_DEAD_LETTER_QUEUE_URL,
    visibilitySeconds: values.SPARKIFY_VISIBILITY_SECONDS,
  }),
  warehouse: (values) => ({
    schema: values.SPARKIFY_SCHEMA,
    clusterIdentifier: values.SPARKIFY_CLUSTER_IDENTIFIER,
    workgroupName: values.SPARKIFY_WORKGROUP_NAME,
    database: present(values.SPARKIFY_DATABASE),
    dbUser: values.SPARKIFY_DB_USER,
    secretArn: values.SPARKIFY_SECRET_ARN,
    readers: parseReaders(values.SPARKIFY_READERS ?? ''),
  }),
  copy: (values) => ({
    roleArn: present(values.SPARKIFY_COPY_ROLE_ARN),
    rejectedRowsMax: values.SPARKIFY_REJECTED_ROWS_MAX,
  }),
  batching: (values) => ({
    lingerMs: values.SPARKIFY_LINGER_MS,
    batchMaxFiles: values.SPARKIFY_BATCH_MAX_FILES,
    batchMaxBytes: values.SPARKIFY_BATCH_MAX_BYTES,
    batchMaxAgeMs: values.SPARKIFY_BATCH_MAX_AGE_MS,
    loadIntervalMs: values.SPARKIFY_LOAD_INTERVAL_MS,
    loadRest: values.SPARKIFY_LOAD_REST,
    loadRestMaxMs: values.SPARKIFY_LOAD_REST_MAX_MS,
    maxHeldFiles: values.SPARKIFY_MAX_HELD_FILES,
    drainSeconds: values.SPARKIFY_DRAIN_SECONDS,
  }),
};

function baseConfig(values: SettingValues): BaseConfig {
  return {
    region: present(values.AWS_REGION),
    consumerName: values.SPARKIFY_CONSUMER_NAME ?? defaultConsumerName(),
    operator: values.SPARKIFY_OPERATOR,
    logLevel: values.SPARKIFY_LOG_LEVEL,
  };
}

/** Host name and process id, so that two consumers on one machine have two names in the ledger. */
function defaultConsumerName(): string {
  return `${hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 50)}-${process.pid}`;
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('A setting was used by a section that does not require it.');
  return value;
}

function missing(values: SettingValues, needs: readonly Section[]): SettingProblem[] {
  return (['AWS_REGION', ...needs.flatMap((need) => REQUIRED[need])] as const)
    .filter((name) => values[name] === null)
    .map((name) => ({ name, sentence: `is not set; expected ${SETTINGS[name].expected}` }));
}

/** A contradiction between a setting and another one. */
type Contradiction = SettingProblem & { readonly other: SettingName };

/** Compares settings with each other, as far as their own values are right. */
function crossChecks(values: SettingValues, needs: readonly Section[], wrong: ReadonlySet<string>): SettingProblem[] {
  const found = [...prefixChecks(values), ...targetChecks(values, needs), ...numberChecks(values)];
  return found.filter(({ other }) => !wrong.has(other));
}

function prefixChecks(values: SettingValues): Contradiction[] {
  const names = ['SPARKIFY_LOG_PREFIX', 'SPARKIFY_SONG_PREFIX', 'SPARKIFY_WORK_PREFIX'] as const;
  return names.flatMap((name, index) =>
    names.slice(index + 1).flatMap((other) => {
      const [left, right] = [values[name], values[other]];
      if (!left.startsWith(right) && !right.startsWith(left)) return [];
      const sentence = `is "${left}", which overlaps with ${other} "${right}"; a file must belong to only one of them`;
      return [{ name, other, sentence }];
    }),
  );
}

function targetChecks(values: SettingValues, needs: readonly Section[]): Contradiction[] {
  if (!needs.includes('warehouse')) return [];
  const { SPARKIFY_CLUSTER_IDENTIFIER: cluster, SPARKIFY_WORKGROUP_NAME: workgroup } = values;
  const { SPARKIFY_DB_USER: dbUser, SPARKIFY_SECRET_ARN: secret } = values;
  const name = 'SPARKIFY_CLUSTER_IDENTIFIER';
  const other = 'SPARKIFY_WORKGROUP_NAME';
  if (cluster === null && workgroup === null) {
    return [{ name, other, sentence: `is not set, and neither is ${other}; set one of the two` }];
  }
  if (cluster !== null && workgroup !== null) {
    return [{ name, other, sentence: `is "${cluster}" and ${other} is "${workgroup}"; set only one of the two` }];
  }
  if (dbUser === null) return [];
  const combined = (partner: SettingName, why: string): Contradiction[] => [
    { name: 'SPARKIFY_DB_USER', other: partner, sentence: `cannot be combined with ${partner}; ${why}` },
  ];
  if (secret !== null) return combined('SPARKIFY_SECRET_ARN', 'the secret names its user');
  if (workgroup !== null) return combined(other, 'a workgroup uses the IAM identity or SPARKIFY_SECRET_ARN');
  return [];
}

function numberChecks(values: SettingValues): Contradiction[] {
  const rules = [
    // With a drain longer than a lease, the messages would depend on renewals while the process is being stopped.
    ['SPARKIFY_VISIBILITY_SECONDS', '>', 'SPARKIFY_DRAIN_SECONDS'],
    ['SPARKIFY_BATCH_MAX_AGE_MS', '>=', 'SPARKIFY_LINGER_MS'],
    ['SPARKIFY_MAX_HELD_FILES', '>=', 'SPARKIFY_BATCH_MAX_FILES'],
  ] as const;
  return rules.flatMap(([name, relation, other]) => {
    const [left, right] = [values[name], values[other]];
    if (relation === '>' ? left > right : left >= right) return [];
    const words = relation === '>' ? 'must be greater than' : 'must not be less than';
    return [{ name, other, sentence: `is ${left}; it ${words} ${other}, which is ${right}` }];
  });
}

/**
 * Adds the variables of an environment file to the process's environment, which the SDK clients also read. Variables that are set
 * already win.
 *
 * @throws SettingsError when the file cannot be read.
 */
export function loadEnvironmentFile(path: string): void {
  const file = parseEnvironmentFile(path);
  // With keys from the file, a profile or a session token of the shell belongs to other credentials, and the SDK would
  // prefer the profile.
  if (file['AWS_ACCESS_KEY_ID'] !== undefined && process.env['AWS_ACCESS_KEY_ID'] === undefined) {
    for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) Reflect.deleteProperty(process.env, name);
  }
  setDefaults(file);
}

/** Adds settings to the process's environment; variables that are set already win. */
export function setDefaults(values: Environment): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) process.env[name] ??= value;
  }
}

/**
 * Makes these the only settings of the process: removes all AWS_* and SPARKIFY_* variables first, so that a real account, a profile
 * or another stack cannot be reached.
 */
export function isolateEnvironment(values: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) {
    if (/^(AWS|SPARKIFY)_/.test(name)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, values);
}

/** The process's environment as it is now. */
export function processEnvironment(): Environment {
  return process.env;
}

function parseEnvironmentFile(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (cause) {
    const isLocal = path === LOCAL_ENV_FILE;
    const sentence = isLocal
      ? `${path} does not exist; first start the embedded stack with "sparkify local" in this directory`
      : `${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`;
    throw new SettingsError([{ name: isLocal ? '--local' : '--env-file', sentence }]);
  }
}
