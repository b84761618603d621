import type { ErrorCode } from '../core/errors.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { Clock, ObjectStore, Random, Row, Surroundings, Warehouse } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { quoteSchema, sqlForeignText, sqlText } from '../core/sql/sql-literal.ts';
import type { SqlValues } from '../core/loading/load-plan.ts';
import { keysToProbe, probeObject } from '../loaders/probe-objects.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { migrationFiles } from '../schema/migrate.ts';
import { createdTables } from '../schema/migrations.ts';
import { runScript } from '../sql/run-script.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import { checkNotifications } from './check-notifications.ts';
import { checkQueueItself, checkQueuePolicy, checkVisibility } from './check-queue.ts';
import type { ProbedObjects } from './check-reading.ts';
import { checkEndpoints, checkObjects, checkRegion } from './check-reading.ts';
import { checkClock, checkCopyRole, checkGrants } from './check-warehouse.ts';
import type { Finding, Looked } from './findings.ts';
import { failed, ok, unseen, warning } from './findings.ts';

export type DoctorParts = {
  readonly surroundings: Surroundings;
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  readonly library: SqlLibrary;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: {
    readonly region: string;
    readonly route: RouteSettings;
    readonly queueUrl: string;
    readonly deadLetterUrl: string | null;
    readonly visibilitySeconds: number;
    readonly schema: string;
    /** `null`: a Serverless workgroup. */
    readonly clusterIdentifier: string | null;
    readonly copyRoleArn: string;
  };
};

/** Looks at everything that the service needs, and changes nothing. Each check has its own finding, whatever the others found. */
export async function runDoctor(parts: DoctorParts, signal: AbortSignal): Promise<readonly Finding[]> {
  const { settings } = parts;
  const findings = await Promise.all([
    Promise.resolve([ok('settings', 'all are valid'), checkEndpoints(parts.environment)]),
    credentials(parts),
    bucket(parts, signal),
    queueAndNotifications(parts, signal),
    objects(parts, settings.route.logPrefix, signal),
    objects(parts, settings.route.songPrefix, signal),
    warehouse(parts, signal),
    copyRole(parts, signal),
  ]);
  return findings.flat();
}

async function credentials({ surroundings }: DoctorParts): Promise<readonly Finding[]> {
  const { error, value } = await look(async () => await surroundings.accessKeyId());
  if (error === null) return [ok('credentials', `access key ${value}`)];
  return [failed('credentials', error.message)];
}

async function bucket({ settings, surroundings }: DoctorParts, signal: AbortSignal): Promise<readonly Finding[]> {
  const { error, value } = await look(async () => await surroundings.bucketRegion(settings.route.bucket, signal));
  if (error === null) return [checkRegion(value, settings.region)];
  return [unseen('bucket region', error, { needs: 's3:GetBucketLocation', isOfService: false })];
}

async function queueAndNotifications(
  { settings, surroundings }: DoctorParts,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { deadLetterUrl, queueUrl, route } = settings;
  const [queue, notifications] = await Promise.all([
    look(async () => await surroundings.queue(queueUrl, signal)),
    look(async () => await surroundings.notifications(route.bucket, signal)),
  ]);
  if (queue.error !== null) {
    return [unseen('queue', queue.error, { needs: 'sqs:GetQueueAttributes', isOfService: true })];
  }
  const ofQueue = checkQueueItself(queue.value, deadLetterUrl);
  if (notifications.error !== null) {
    const needs = { needs: 's3:GetBucketNotification', isOfService: false };
    return [...ofQueue, unseen('notifications', notifications.error, needs)];
  }
  const announced = checkNotifications(notifications.value, { queueArn: queue.value.arn, route });
  const isDirect = notifications.value.queues.some(({ queueArn }) => queueArn === queue.value.arn);
  return [...ofQueue, ...(isDirect ? [checkQueuePolicy(queue.value)] : []), ...announced];
}

async function objects(
  { settings, store }: DoctorParts,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const reading = { store, settings: settings.route };
  const { error, value } = await look(async (): Promise<ProbedObjects> => {
    for await (const keys of keysToProbe(reading, { prefix, except: null, signal })) {
      const probed = await Promise.all(
        keys.map(async (key) => ({ key, found: await probeObject(reading, key, signal) })),
      );
      return {
        readable: probed.filter(({ found }) => found.kind === 'readable').length,
        unreadable: probed.flatMap(({ found, key }) =>
          found.kind === 'unreadable' ? [{ key, sentence: found.error.message }] : [],
        ),
      };
    }
    return { readable: 0, unreadable: [] };
  });
  if (error === null) return [checkObjects(prefix, value)];
  return [unseen(`objects of ${prefix}`, error, { needs: 's3:ListBucket', isOfService: true })];
}

async function warehouse(parts: DoctorParts, signal: AbortSignal): Promise<readonly Finding[]> {
  const { clock, library, random, settings } = parts;
  // Without the schema, which may not exist.
  const session = await look(async () => await ask(parts, 'doctor/10_session.sql', null, signal));
  if (session.error !== null) {
    return [unseen('warehouse', session.error, { needs: 'redshift-data:BatchExecuteStatement', isOfService: true })];
  }
  const user = String(session.value[0]?.['user_name']);
  const seen = [
    ok('warehouse', `answers, as the database user ${user}`),
    checkClock({ nowMs: clock.nowMs() }, String(session.value[0]?.['warehouse_time'])),
  ];
  const { schema } = settings;
  const version = await look(
    async () => await checkSchema({ warehouse: parts.warehouse, library, random, schema }, signal),
  );
  if (version.error !== null) return [...seen, failed('tables', version.error.message)];
  const tables = createdTables(
    library.fill(
      migrationFiles(library).map(({ path }) => path),
      {},
    ),
  );
  const grants = await look(async () => await ask(parts, 'doctor/20_grants.sql', { schema: sqlText(schema) }, signal));
  const longest = await look(async () => await ask(parts, 'doctor/30_longest_load.sql', {}, signal));
  const seconds = longest.value?.[0]?.['seconds'];
  return [
    ...seen,
    ok('tables', `schema "${schema}" has the version of this program`),
    grants.error === null
      ? checkGrants(grants.value, tables, user)
      : warning('grants', `were not looked at (${grants.error.message})`),
    checkVisibility(settings.visibilitySeconds, typeof seconds === 'number' ? seconds : null),
  ];
}

async function copyRole({ settings, surroundings }: DoctorParts, signal: AbortSignal): Promise<readonly Finding[]> {
  const { clusterIdentifier, copyRoleArn } = settings;
  if (clusterIdentifier === null) return [checkCopyRole(copyRoleArn, null)];
  const { error, value } = await look(async () => await surroundings.clusterRoles(clusterIdentifier, signal));
  if (error === null) return [checkCopyRole(copyRoleArn, value)];
  return [unseen('COPY role', error, { needs: 'redshift:DescribeClusters', isOfService: false })];
}

const MARKER_WAIT_MS = 60_000;
const MARKER_LOOK_MS = 1_000;

/**
 * Puts an empty object below the log prefix, whose key ends with "/", and waits until a consumer has settled it as ignored: the whole
 * way from the bucket through the queue to the ledger. The queue is not received from.
 *
 * @param input.name of the object, for example the id of the run.
 */
export async function sendMarker(
  parts: DoctorParts,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
): Promise<Finding> {
  const { clock, settings, store } = parts;
  const { bucket: in_, logPrefix } = settings.route;
  const key = `${logPrefix}sparkify-doctor-${name}/`;
  const check = 'marker';
  const sentAtMs = clock.nowMs();
  const put = await look(async () => {
    await store.put({ bucket: in_, key, body: new Uint8Array(), contentType: 'application/octet-stream', signal });
  });
  if (put.error !== null) return failed(check, `could not be put: ${put.error.message}`);
  try {
    const since = { kind: 'timestamp', atMs: sentAtMs - 3_600_000 } as const;
    const values = { bucket: sqlForeignText(in_), object_key: sqlForeignText(key), since };
    for (;;) {
      const { error, value: rows } = await look(async () => await ask(parts, 'doctor/40_marker.sql', values, signal));
      if (error !== null) return failed(check, `the ledger could not be read: ${error.message}`);
      const waitedMs = clock.nowMs() - sentAtMs;
      const seconds = (waitedMs / 1000).toFixed(1);
      if (rows.length > 0)
        return ok(check, `a consumer settled ${key} as ${String(rows[0]?.['status'])} after ${seconds} s`);
      if (waitedMs >= MARKER_WAIT_MS) {
        return failed(
          check,
          `no consumer settled ${key} within ${seconds} s; start a consumer, and check the notifications of the bucket and the messages of the queue`,
        );
      }
      await clock.sleep(MARKER_LOOK_MS, signal);
    }
  } finally {
    // The marker does no harm where it may not be deleted.
    await store.remove({ bucket: in_, keys: [key], signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  }
}

async function ask(
  { library, random, settings, warehouse: to }: DoctorParts,
  path: string,
  values: SqlValues | null,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const session = to.openSession();
  const inSchema = values === null ? [] : [`set search_path to ${quoteSchema(settings.schema)}`];
  const steps = [
    { statements: [...inSchema, "set timezone to 'UTC'"] },
    { statements: library.fill([path], values ?? {}), answer: 'rows' },
  ] as const;
  const token = `doctor-${Math.floor(random() * 2 ** 40).toString(36)}`;
  const { rowsOf } = await runScript(session, { name: 'sparkify doctor', isLasting: false, steps }, { token, signal });
  return rowsOf('rows');
}

const PASSED_ON: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['aborted']);

async function look<T>(at: () => Promise<T>): Promise<Looked<T>> {
  try {
    return { value: await at(), error: null };
  } catch (thrown) {
    const error = ingestErrorFrom(thrown);
    if (PASSED_ON.has(error.code)) throw error;
    return { value: null, error };
  }
}
