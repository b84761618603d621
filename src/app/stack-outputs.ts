import { readFileSync } from 'node:fs';
import { SettingsError } from '../settings/read-values.ts';
import { setDefaults } from './config.ts';
import type { SettingName } from './settings.ts';

/**
 * Maps stack outputs to settings, for `--stack-outputs`, the outputs of the Pulumi program and the environment of its task.
 * `SPARKIFY_CONSUMER_NAME` is missing, because each consumer has its own.
 */
export const STACK_OUTPUTS = {
  region: 'AWS_REGION',
  bucket: 'SPARKIFY_BUCKET',
  logPrefix: 'SPARKIFY_LOG_PREFIX',
  logJsonpaths: 'SPARKIFY_LOG_JSONPATHS',
  songPrefix: 'SPARKIFY_SONG_PREFIX',
  workPrefix: 'SPARKIFY_WORK_PREFIX',
  onDelete: 'SPARKIFY_ON_DELETE',
  queueUrl: 'SPARKIFY_QUEUE_URL',
  deadLetterQueueUrl: 'SPARKIFY_DEAD_LETTER_QUEUE_URL',
  visibilitySeconds: 'SPARKIFY_VISIBILITY_SECONDS',
  clusterIdentifier: 'SPARKIFY_CLUSTER_IDENTIFIER',
  workgroupName: 'SPARKIFY_WORKGROUP_NAME',
  database: 'SPARKIFY_DATABASE',
  dbUser: 'SPARKIFY_DB_USER',
  secretArn: 'SPARKIFY_SECRET_ARN',
  schema: 'SPARKIFY_SCHEMA',
  readers: 'SPARKIFY_READERS',
  copyRoleArn: 'SPARKIFY_COPY_ROLE_ARN',
  lingerMs: 'SPARKIFY_LINGER_MS',
  batchMaxFiles: 'SPARKIFY_BATCH_MAX_FILES',
  batchMaxBytes: 'SPARKIFY_BATCH_MAX_BYTES',
  batchMaxAgeMs: 'SPARKIFY_BATCH_MAX_AGE_MS',
  loadIntervalMs: 'SPARKIFY_LOAD_INTERVAL_MS',
  loadRest: 'SPARKIFY_LOAD_REST',
  loadRestMaxMs: 'SPARKIFY_LOAD_REST_MAX_MS',
  maxHeldFiles: 'SPARKIFY_MAX_HELD_FILES',
  drainSeconds: 'SPARKIFY_DRAIN_SECONDS',
  rejectedRowsMax: 'SPARKIFY_REJECTED_ROWS_MAX',
  logLevel: 'SPARKIFY_LOG_LEVEL',
} as const satisfies Readonly<Record<string, SettingName>>;

export type StackOutputName = keyof typeof STACK_OUTPUTS;

/**
 * Reads settings from a file with the output of `pulumi stack output --json`. Variables that are set already win, so that a command
 * can override a setting.
 *
 * @throws SettingsError when the file cannot be read, is not JSON, or has no outputs of a sparkify stack.
 */
export function loadStackOutputs(path: string): void {
  setDefaults(stackSettings(readOutputs(path), path));
}

/** Maps stack outputs to settings; ignores the rest. */
export function stackSettings(
  outputs: Readonly<Record<string, unknown>>,
  path: string,
): Readonly<Partial<Record<SettingName, string>>> {
  const settings: Partial<Record<SettingName, string>> = {};
  for (const [output, setting] of Object.entries(STACK_OUTPUTS)) {
    const value = outputs[output];
    if (value === undefined || value === null || value === '') continue;
    if (typeof value !== 'string' && typeof value !== 'number')
      throw wrong(path, `its "${output}" is neither text nor number`);
    if (value === HIDDEN) throw wrong(path, `its "${output}" is hidden; write the file with --show-secrets`);
    settings[setting] = String(value);
  }
  if (settings.SPARKIFY_BUCKET === undefined) {
    throw wrong(path, 'it has no output "bucket", so it is not from a stack of this project');
  }
  return settings;
}

/** What the Pulumi CLI writes instead of a secret. */
const HIDDEN = '[secret]';

function readOutputs(path: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw wrong(path, `it cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong(path, 'it is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong(path, 'it is not a JSON object');
  return json as Readonly<Record<string, unknown>>;
}

function wrong(path: string, what: string): SettingsError {
  const sentence = `${path}: ${what}; write it with "npx pulumi stack output --json > ${path}"`;
  return new SettingsError([{ name: '--stack-outputs', sentence }]);
}
