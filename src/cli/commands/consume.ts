import { processEnvironment, readConfig } from '../../app/config.ts';
import { INTERRUPTED, trapSignals } from '../../app/lifecycle.ts';
import { keepHeapSmall } from '../../app/small-heap.ts';
import { hostAndPort } from '../arguments.ts';
import { action, errorForPrograms, report, verb, withNotes } from '../verb.ts';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Consumer, ConsumerEnd } from '../../consumer/run-consumer.ts';
import type { ConsumerMetrics } from '../../observe/metrics/consumer-metrics.ts';
import type { StatusServer } from '../../observe/server.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { untilIdle?: true; sweep?: true; http?: { host: string; port: number } };

export function consumeCommand(io: Io): Command {
  const command = verb('consume', 'load files as their notifications arrive; runs until SIGTERM or Ctrl-C', [
    ['sparkify consume --local', 'from the queue of the embedded stack'],
    ['sparkify consume --until-idle', 'ends when the queue is empty'],
    ['sparkify consume --http 0.0.0.0:8080', 'with /healthz, /readyz and /metrics'],
    ['sparkify consume --sweep', 'finds files whose notification got lost, while the consumer has time'],
  ])
    .option('--until-idle', 'end when the queue is empty and everything is loaded')
    .addOption(
      new Option('--sweep', 'also list the bucket, round and round, and load what no notification brought').conflicts(
        'untilIdle',
      ),
    )
    .option(
      '--http <host:port>',
      'serve /healthz, /readyz, /metrics for Prometheus, and the state as JSON',
      hostAndPort('--http'),
    )
    .action(action<Options>(io, async (options) => await runConsumeCommand(options, io)));
  return withNotes(
    command,
    'The first signal stops receiving and finishes the load in flight (SPARKIFY_DRAIN_SECONDS); the second exits at once. ' +
      'Both are safe: a message is deleted only after its files are committed. The log goes to standard error. ' +
      'A sweep begins a round at most once an hour. It reads files that are quarantined for access or transport again after 1 h, ' +
      '6 h, 24 h and then daily. Once a day it reports loaded objects that are gone, and leaves their rows.',
  );
}

async function runConsumeCommand(options: Options, io: Io): Promise<ExitCode> {
  keepHeapSmall();
  const { openConsumer, openLog, openParts, openWarehouse } = await import('../../app/compose.ts');
  const { readLogKeyNames } = await import('../../app/log-key-names.ts');
  const { preflight } = await import('../../app/preflight.ts');
  const { routeWarnings } = await import('../../observe/route-warnings.ts');
  const config = readConfig(processEnvironment(), ['bucket', 'queue', 'warehouse', 'copy', 'batching']);
  const { observeConsumer, openMetrics } = await import('../../app/observe-consumer.ts');
  const parts = openParts(config);
  const metrics = options.http === undefined ? null : await openMetrics(config);
  const log = openLog(config, io);
  const observer = observeConsumer(parts, { config, log, metrics });
  const { emit } = observer;
  routeWarnings(emit);
  const life = trapSignals(
    (signal) => io.isTerminal && io.err(`${signal}: finishing; send it again to exit at once\n`),
  );
  let server: StatusServer | null = null;
  let isStarted = false;
  try {
    const logKeyNames = await readLogKeyNames(parts.store, config.bucket.logJsonPaths, life.intake);
    const warehouse = observer.counted(openWarehouse(parts, config));
    const waits = await preflight(parts, { config, queueUrl: config.queue.url, warehouse }, life.intake);
    for (const sentence of waits) emit({ kind: 'process.warned', sentence: `${sentence} Starting anyway.` });
    const until = options.untilIdle === true ? 'idle' : 'stopped';
    const consumer = openConsumer(parts, { config, warehouse, logKeyNames, emit, until });
    if (options.http !== undefined && metrics !== null) server = await serve({ consumer, metrics }, options.http, io);
    // The consumer itself aborts the load in flight at the end of its drain time.
    const run = async (): Promise<ConsumerEnd> => await consumer.run({ drain: life.intake });
    const beside = async (): Promise<ConsumerEnd> => {
      const { besideSweep } = await import('../../app/compose-sweep.ts');
      return await besideSweep(parts, { config, warehouse, logKeyNames, emit: log, consumer, drain: life.intake }, run);
    };
    isStarted = true;
    const end = await observer.during(consumer, options.sweep === true ? beside : run);
    return conclude(end, options, io);
  } catch (error) {
    // A signal during the checks: nothing was received yet, so there is nothing to finish.
    if (!isStarted && life.signalSeen() !== null) return stoppedBySignal(options);
    throw error;
  } finally {
    await server?.stop();
    life.dispose();
    parts.close();
  }
}

async function serve(
  { consumer, metrics }: { readonly consumer: Consumer; readonly metrics: ConsumerMetrics },
  at: { readonly host: string; readonly port: number },
  io: Io,
): Promise<StatusServer> {
  const { startStatusServer } = await import('../../observe/server.ts');
  const { realClock } = await import('../../app/real.ts');
  const { IngestError } = await import('../../core/errors.ts');
  const server = await startStatusServer({
    ...at,
    snapshot: () => consumer.snapshot(),
    metrics: async (snapshot) => await metrics.text(snapshot),
    nowMs: () => realClock.nowMs(),
  }).catch((cause: unknown) => {
    const seen = cause instanceof Error ? cause.message : String(cause);
    throw new IngestError(
      'config_invalid',
      `Cannot listen on --http ${at.host}:${at.port}: ${seen}; choose another address.`,
      {
        cause,
      },
    );
  });
  if (io.isTerminal) io.err(`status on ${server.url}\n`);
  return server;
}

function conclude(end: ConsumerEnd, options: Options, io: Io): ExitCode {
  const { error, ...rest } = end;
  if (options.json === true) {
    io.out(`${JSON.stringify({ ...rest, error: error === null ? null : errorForPrograms(error) })}\n`);
  }
  if (error !== null) return report(io, error);
  return end.reason === 'asked' ? stoppedBySignal(options) : 0;
}

/** A signal is how a consumer ends, unless it was to empty the queue. */
function stoppedBySignal({ untilIdle }: Options): ExitCode {
  return untilIdle === true ? INTERRUPTED : 0;
}
