import type { IngestEvent } from '../core/events.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A log line: a sentence for people, fields for machines. */
export type LogLine = {
  readonly level: LogLevel;
  readonly sentence: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

type Line = (level: LogLevel, sentence: string, fields?: Record<string, unknown>) => LogLine;
type LoadEvent = Extract<IngestEvent, { kind: `batch.${string}` | `load.${string}` | `file.${string}` }>;
type QueueEvent = Exclude<IngestEvent, LoadEvent>;

/**
 * An event as one log line. Info: one line per batch. Warn: a person may want to look. Error: a load failed. Debug: messages and
 * stages. Never contains SQL, or the body of a file or message.
 */
export function describeEvent(event: IngestEvent): LogLine {
  const { kind, ...rest } = event;
  const line: Line = (level, sentence, fields = rest) => ({ level, sentence, fields: { event: kind, ...fields } });
  return isLoadEvent(event) ? describeLoad(event, line) : describeQueue(event, line);
}

function isLoadEvent(event: IngestEvent): event is LoadEvent {
  return /^(batch|load|file)\./.test(event.kind);
}

function describeQueue(event: QueueEvent, line: Line): LogLine {
  switch (event.kind) {
    case 'consumer.started':
      // The consumer's name is in every line already.
      return line('info', `consuming from ${event.queueUrl} as ${event.consumer}`, { queueUrl: event.queueUrl });
    case 'consumer.draining':
      return line('info', `stopping (${event.reason}); the load in flight has until ${clockTime(event.deadlineMs)}`);
    case 'consumer.stopped':
      return event.leftMessages === 0
        ? line('info', 'stopped; no messages were left')
        : line(
            'info',
            `stopped; released ${count(event.leftMessages, 'message')} with ${count(event.leftFiles, 'file')}`,
          );
    case 'process.warned':
      return line('warn', event.sentence, {});
    case 'message.received':
      return line('debug', `received ${count(event.count, 'message')}; ${count(event.heldFiles, 'file')} held`);
    case 'message.test_event':
      return line('info', `received the test notification of S3 (message ${event.messageId})`);
    case 'message.unreadable':
      return line(
        'warn',
        `message ${event.messageId} is not a readable S3 notification; moving it to the dead-letter queue: ${event.reason}`,
      );
    case 'message.deleted':
      return line('debug', `deleted ${count(event.count, 'message')}`);
    case 'message.released':
      return line('info', `released ${count(event.count, 'message')}: ${event.reason}`);
    case 'message.kept':
      return line('warn', kept(event));
    case 'message.retried': {
      const what = event.action === 'renew' ? 'renew the lease of' : event.action;
      return line(
        'warn',
        `could not ${what} ${count(event.count, 'message')}: ${event.sentence} Retrying in ${seconds(event.delayMs)}.`,
      );
    }
    case 'lease.renewed':
      return line('debug', `renewed the lease of ${count(event.count, 'message')}`);
    case 'lease.lost':
      return line(
        'warn',
        `lost the lease of ${count(event.count, 'message')} (${event.code}); SQS will redeliver them`,
      );
    case 'intake.paused':
      return line('warn', `paused (${event.reason}): ${event.sentence} Resumes automatically.`);
    case 'rest.begun':
      // Most batches of the embedded stack have a rest of less than a second.
      return line(
        event.remainingMs < 1000 ? 'debug' : 'info',
        `resting for another ${seconds(event.remainingMs)} (${event.reason}); then loading resumes`,
      );
    case 'intake.resumed':
      return line('info', `resumed after ${seconds(event.pausedMs)} (${event.reason})`);
  }
}

function kept(event: Extract<QueueEvent, { kind: 'message.kept' }>): string {
  const messages = count(event.count, 'message');
  const what = event.action === 'park' ? `move ${messages} to the dead-letter queue` : `${event.action} ${messages}`;
  const why = event.reason === null ? '' : ` (${event.reason.replace(/\.$/, '')})`;
  return `could not ${what}${why}; SQS will redeliver ${event.count === 1 ? 'it' : 'them'} (harmless)`;
}

function describeLoad(event: LoadEvent, line: Line): LogLine {
  switch (event.kind) {
    case 'batch.closed':
      return line(
        'debug',
        `closed batch ${event.batchId} (${event.reason}): ${count(event.files, 'file')} of ${event.lane}`,
      );
    case 'load.stage_finished':
      return line('debug', `batch ${event.batchId} ${event.stage}: ${event.ms} ms`);
    case 'load.parts_left':
      return line(
        'warn',
        `could not delete ${count(event.count, 'part')} of batch ${event.batchId}: ${event.sentence}`,
      );
    case 'load.retried':
      return line(
        'warn',
        `batch ${event.batchId}, attempt ${event.attempt} failed: ${event.sentence} Retrying in ${seconds(event.delayMs)}.`,
      );
    case 'load.rows_removed':
      return line(
        'warn',
        `batch ${event.batchId} removed ${event.removed} of the ${event.of} rows that older versions of its objects had ` +
          `(first objects: ${event.keys.join(', ')}): an overwritten object replaces its rows. To add rows, use a new key.`,
        { batchId: event.batchId, removed: event.removed, of: event.of },
      );
    case 'load.committed':
      return committed(event, line);
    case 'load.failed':
      return line('error', `batch ${event.batchId} failed: ${event.sentence}`);
    case 'file.quarantined':
      return line('warn', `quarantined s3://${event.bucket}/${event.key}: ${event.reason}`);
    case 'file.missing':
      return line('warn', `s3://${event.bucket}/${event.key} no longer exists and was not loaded`);
  }
}

function committed(event: Extract<IngestEvent, { kind: 'load.committed' }>, line: Line): LogLine {
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
    `${event.lane}: ${count(outcome.files.length, 'file')} (${event.reason}) in ${event.totalMs} ms; ` +
    `rows: ${written.join(', ')} (read ${stageMs.read}, stage ${stageMs.stage}, publish ${stageMs.publish} ms, ` +
    `${outcome.roundTrips} round trips${event.restedMs < 1000 ? '' : `; rested ${seconds(event.restedMs)} before`})`;
  return line('info', sentence, {
    batchId: outcome.batchId,
    lane: event.lane,
    source: event.source,
    reason: event.reason,
    files: outcome.files.length,
    rows: counts,
    stageMs,
    totalMs: event.totalMs,
    roundTrips: outcome.roundTrips,
    warehouseMs: Math.round(outcome.warehouseMs),
    liveConsumers: outcome.liveConsumers,
    restedMs: event.restedMs,
  });
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** In the format of the log's own times. */
function clockTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}
