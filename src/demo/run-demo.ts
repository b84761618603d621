import { countOf } from '../core/count-of.ts';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../app/real.ts';
import { startLocalStack, writeLocalEnv } from 'local-stack';
import { formatNumber } from '../terminal/table.ts';
import { columnsOf, remarked } from '../terminal/width.ts';
import { demoData } from './demo-data.ts';
import { DemoWorld } from './demo-world.ts';
import { Narrator } from './narrator.ts';
import { STORY } from './story.ts';
import type { IngestEvent } from '../core/events.ts';
import { loadMs } from '../core/measures.ts';
import type { Io } from '../terminal/io.ts';
import type { LocalStack } from 'local-stack';

/** Settings of a demo that was left running. */
const KEPT_ENV_FILE = '.sparkify/demo.env';

/**
 * Tells the whole story on an embedded stack of its own: free ports, a data directory that is removed at the end.
 *
 * @param input.keep leaves stack and consumer running until the signal.
 * @throws whatever failed; everything that was started is stopped first.
 */
export async function runDemo(input: { io: Io; keep: boolean; signal: AbortSignal }): Promise<void> {
  const tell = new Narrator(input.io, () => realClock.nowMs());
  const dataDir = makeDataDirectory(input.keep);
  try {
    tell.plain('Files land in S3; seconds later their rows are in a Redshift star schema. All on this machine.');
    tell.chapter('An S3, an SQS and a Redshift stand-in start');
    const stack = await startLocalStack({ dataDir, port: 0, redshiftPort: 0, postgresPort: 0 });
    try {
      tell.result(`bucket, queue, notifications and cluster are there (psql ${stack.psqlUrl ?? ''})`);
      await actOut(stack, { ...input, tell });
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function actOut(stack: LocalStack, input: { keep: boolean; signal: AbortSignal; tell: Narrator }): Promise<void> {
  const { tell, signal } = input;
  const world = new DemoWorld({
    environment: stack.environment,
    onEvent: (event) => narrate(event, tell),
    signal,
  });
  try {
    const data = demoData();
    for (const step of STORY) {
      signal.throwIfAborted();
      await step({ world, data, tell });
    }
    tell.plain(`\nThat was the whole story, in ${tell.elapsedSeconds.toFixed(0)} seconds.`);
    if (input.keep) await keepRunning(stack, input);
    else tell.plain('"sparkify demo --keep" leaves everything running; "sparkify local" runs the stack for good.');
  } finally {
    await world.stop();
  }
}

/** One line per load; the rest of what a consumer reports is for its log. */
function narrate(event: IngestEvent, tell: Narrator): void {
  if (event.kind === 'load.committed') {
    const { counts, files } = event.outcome;
    const rows = [
      countOf(counts.inserted, 'new row'),
      ...(counts.updated > 0 ? [`${formatNumber(counts.updated)} changed`] : []),
      ...(counts.repaired > 0 ? [`${formatNumber(counts.repaired)} repaired`] : []),
    ];
    tell.event(
      `  ${event.lane.padEnd(5)} ${String(files.length).padStart(4)} ${files.length === 1 ? 'file ' : 'files'}  ${rows.join(', ')}  (${loadMs(event.outcome.stageMs)} ms)`,
    );
  }
  if (event.kind === 'file.quarantined') tell.warn(`${event.key}: ${event.reason}`);
  if (event.kind === 'load.retried') tell.warn(event.sentence);
}

async function keepRunning(stack: LocalStack, input: { signal: AbortSignal; tell: Narrator }): Promise<void> {
  const { signal, tell } = input;
  const file = writeLocalEnv(KEPT_ENV_FILE, stack.environment);
  try {
    const use = `--env-file ${KEPT_ENV_FILE}`;
    tell.plain(
      [
        '',
        'The stack and the consumer are still running. In another terminal, in this directory:',
        '',
        remarked(
          [
            [`npx sparkify generate --to s3 ${use} --seed 7`, 'more files; watch them here'],
            [`npx sparkify analyze ${use}`, "all the analysts' questions"],
            [`npx sparkify verify ${use}`, 'still equal?'],
          ],
          columnsOf(process.stdout),
        ),
        `  psql ${stack.psqlUrl ?? ''}`,
        '',
        'Ctrl-C stops everything and removes its data.',
        '',
      ].join('\n'),
    );
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    file.remove();
  }
}

function makeDataDirectory(keep: boolean): string {
  if (!keep) return mkdtempSync(join(tmpdir(), 'sparkify-demo-'));
  mkdirSync('.sparkify', { recursive: true });
  return mkdtempSync(join('.sparkify', 'demo-'));
}
