import { countOf } from '../core/count-of.ts';
import type { Drift } from '../core/drift.ts';
import type { IngestEvent } from '../core/events.ts';
import { percentileMs, withLatencies } from '../core/latencies.ts';
import { loadMs } from '../core/measures.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A log line: a sentence for people, fields for machines. */
export type LogLine = {
  readonly level: LogLevel;
  readonly sentence: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

type Kind = IngestEvent['kind'];
type EventOf<K extends Kind> = Extract<IngestEvent, { kind: K }>;

/** `fields`: instead of all fields of the event. */
type Described = { readonly level: LogLevel; readonly sentence: string; readonly fields?: LogLine['fields'] };

/**
 * An event as one log line. Info: one line per batch. Warn: a person may want to look. Error: a load failed. Debug: messages and
 * stages. Never contains SQL, or the body of a file or message.
 */
export function describeEvent(event: IngestEvent): LogLine {
  const { kind, ...rest } = event;
  const describe = LINES[kind] as (event: IngestEvent) => Described;
  const { fields = rest, level, sentence } = describe(event);
  return { level, sentence, fields: { event: kind, ...fields } };
}

/** The compiler asks for a line when a kind is added. */
const LINES: { readonly [K in Kind]: (event: EventOf<K>) => Described } = {
  // The consumer's name is in every line already.
  'consumer.started': ({ consumer, queueUrl }) => ({
    ...info(`consuming from ${queueUrl} as ${consumer}`),
    fields: { queueUrl },
  }),
  'consumer.draining': ({ deadlineMs, reason }) =>
    info(`stopping (${reason}); the load in flight has until ${clockTime(deadlineMs)}`),
  'consumer.stopped': ({ leftFiles, leftMessages }) =>
    info(
      leftMessages === 0
        ? 'stopped; no messages were left'
        : `stopped; released ${countOf(leftMessages, 'message')} with ${countOf(leftFiles, 'file')}`,
    ),
  'consumer.measured': ({ behindMs, counts, state }) => {
    const behind = behindMs === null ? 'unknown' : seconds(behindMs);
    return info(
      `${state}; behind: ${behind}; ${countOf(counts.filesSettled, 'file')} settled since the last such line`,
    );
  },
  'process.warned': ({ sentence }) => ({ ...warn(sentence), fields: {} }),

  'message.received': (event) =>
    debug(`received ${countOf(event.count, 'message')}; ${countOf(event.heldFiles, 'file')} held`),
  'message.test_event': ({ messageId }) => info(`received the test notification of S3 (message ${messageId})`),
  'message.unreadable': ({ messageId, reason }) =>
    warn(`message ${messageId} is not a readable S3 notification; moving it to the dead-letter queue: ${reason}`),
  'message.parked': (event) => debug(`moved ${countOf(event.count, 'message')} to the dead-letter queue`),
  'message.deleted': (event) => debug(`deleted ${countOf(event.count, 'message')}`),
  'message.released': ({ afterSeconds, reason, ...event }) => {
    const released = `released ${countOf(event.count, 'message')}`;
    return afterSeconds === 0
      ? info(`${released}: ${reason}`)
      : warn(`${released} for the next delivery in ${afterSeconds} s: ${reason}`);
  },
  'message.kept': (event) => warn(kept(event)),
  'message.retried': ({ action, delayMs, sentence, ...event }) => {
    const what = action === 'renew' ? 'renew the lease of' : action;
    return warn(`could not ${what} ${countOf(event.count, 'message')}: ${sentence} Retrying in ${seconds(delayMs)}.`);
  },
  'lease.renewed': (event) => debug(`renewed the lease of ${countOf(event.count, 'message')}`),
  'lease.lost': (event) =>
    warn(`lost the lease of ${countOf(event.count, 'message')} (${event.code}); SQS will redeliver them`),

  'intake.paused': ({ reason, sentence }) => warn(`paused (${reason}): ${sentence} Resumes automatically.`),
  'intake.resumed': ({ pausedMs, reason }) => info(`resumed after ${seconds(pausedMs)} (${reason})`),
  'rest.begun': ({ reason, remainingMs }) => ({
    // Most batches of the embedded stack have a rest of less than a second.
    level: remainingMs < 1000 ? 'debug' : 'info',
    sentence: `resting for another ${seconds(remainingMs)} (${reason}); then loading resumes`,
  }),
  'rest.ended': ({ reason, restedMs }) => debug(`rested ${seconds(restedMs)} (${reason})`),

  'batch.closed': ({ batchId, files, lane, reason }) =>
    debug(`closed batch ${batchId} (${reason}): ${countOf(files, 'file')} of ${lane}`),
  'load.stage_finished': ({ batchId, ms, stage }) => debug(`batch ${batchId} ${stage}: ${ms} ms`),
  'load.parts_left': ({ batchId, sentence, ...event }) =>
    warn(`could not delete ${countOf(event.count, 'part')} of batch ${batchId}: ${sentence}`),
  'load.retried': ({ attempt, batchId, delayMs, sentence }) =>
    warn(`batch ${batchId}, attempt ${attempt} failed: ${sentence} Retrying in ${seconds(delayMs)}.`),
  'load.rows_removed': ({ batchId, keys, of, removed }) => ({
    ...warn(
      `batch ${batchId} removed ${removed} of the ${of} rows that older versions of its objects had ` +
        `(first objects: ${keys.join(', ')}): an overwritten object replaces its rows. To add rows, use a new key.`,
    ),
    fields: { batchId, removed, of },
  }),
  'load.strays_ignored': ({ batchId, example, sentence, ...event }) =>
    warn(`batch ${batchId} ignored ${countOf(event.count, 'new file')} elsewhere, such as ${example}. ${sentence}`),
  'load.committed': committed,
  'load.failed': ({ batchId, sentence }) => ({ level: 'error', sentence: `batch ${batchId} failed: ${sentence}` }),
  'file.quarantined': ({ bucket, key, reason }) => warn(`quarantined s3://${bucket}/${key}: ${reason}`),
  'schema.drifted': ({ drift, isFirst }) => ({
    level: isFirst ? 'warn' : 'debug',
    sentence: describeDrift(drift),
    fields: { dataset: drift.dataset, change: drift.change, key: drift.key, count: drift.count },
  }),
  'sweep.ended': ({ listed, loaded }) =>
    loaded === 0
      ? info(`swept ${countOf(listed, 'object')}: the ledger has all of them`)
      : warn(
          `swept ${countOf(listed, 'object')} and loaded ${countOf(loaded, 'file')} that no notification had brought: ` +
            '"sparkify doctor" checks whether the bucket announces its files to the queue',
        ),
  'sweep.gone': ({ shown, ...event }) => ({
    ...warn(
      `the bucket no longer has ${countOf(event.count, 'loaded object')}, such as ${shown.join(', ')}. Their rows stay; ` +
        'if the deletion was a mistake, put the objects back',
    ),
    fields: { count: event.count },
  }),
  'file.missing': ({ bucket, key }) => warn(`s3://${bucket}/${key} no longer exists and was not loaded`),
};

function debug(sentence: string): Described {
  return { level: 'debug', sentence };
}

function info(sentence: string): Described {
  return { level: 'info', sentence };
}

function warn(sentence: string): Described {
  return { level: 'warn', sentence };
}

function kept({ action, reason, ...event }: EventOf<'message.kept'>): string {
  const messages = countOf(event.count, 'message');
  const what = action === 'park' ? `move ${messages} to the dead-letter queue` : `${action} ${messages}`;
  const why = reason === null ? '' : ` (${reason.replace(/\.$/, '')})`;
  return `could not ${what}${why}; SQS will redeliver ${event.count === 1 ? 'it' : 'them'}`;
}

function committed(event: EventOf<'load.committed'>): Described {
  const { outcome } = event;
  const { counts, stageMs } = outcome;
  const written = [
    `${counts.inserted} new`,
    ...(counts.updated > 0 ? [`${counts.updated} changed`] : []),
    ...(counts.repaired > 0 ? [`${counts.repaired} repaired`] : []),
    ...(counts.removed > 0 ? [`${counts.removed} removed`] : []),
    ...(counts.rejected > 0 ? [`${counts.rejected} rejected`] : []),
  ];
  const sentence =
    `${event.lane}: ${countOf(outcome.files.length, 'file')} (${event.reason}) in ${loadMs(stageMs)} ms; ` +
    `rows: ${written.join(', ')} (read ${stageMs.read}, stage ${stageMs.stage}, publish ${stageMs.publish} ms, ` +
    `${outcome.roundTrips} round trips${event.restedMs < 1000 ? '' : `; rested ${seconds(event.restedMs)} before`})`;
  const fields = {
    batchId: outcome.batchId,
    lane: event.lane,
    source: event.source,
    reason: event.reason,
    files: outcome.files.length,
    rows: counts,
    stageMs,
    loadMs: loadMs(stageMs),
    roundTrips: outcome.roundTrips,
    warehouseMs: Math.round(outcome.warehouseMs),
    liveConsumers: outcome.liveConsumers,
    restedMs: event.restedMs,
    putToVisible: visible(event.liveFiles.map(({ putToVisibleMs }) => putToVisibleMs)),
  };
  return { ...info(sentence), fields };
}

/** `null`: no file that a notification announced was loaded. */
function visible(putToVisibleMs: readonly number[]): { p50Ms: number | null; maxMs: number } | null {
  if (putToVisibleMs.length === 0) return null;
  const maxMs = putToVisibleMs.reduce((one, other) => Math.max(one, other), 0);
  return { p50Ms: percentileMs(withLatencies({}, putToVisibleMs), 0.5), maxMs };
}

function describeDrift({ change, count: times, dataset, example, key }: Drift): string {
  const where = `first in s3://${example.bucket}/${example.key}, line ${example.lineNumber}`;
  switch (change) {
    case 'unknown':
      return `${countOf(times, 'object')} of ${dataset} had the key "${key}", which is not loaded (${where})`;
    case 'vanished':
      return `${countOf(times, 'file')} of ${dataset} lacked the key "${key}" in all objects (${where})`;
    case 'retyped':
      return `${countOf(times, 'object')} of ${dataset} had another JSON type than usual in "${key}" (${where})`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** In the format of the log's own times. */
function clockTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}
