import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../test/support/free-port.ts';
import { SparkifyProcess } from '../test/support/sparkify-process.ts';
import { asOperator } from './as-operator.ts';
import { clientConfig } from './client-config.ts';
import { runCommand } from './run-command.ts';
import { scrapeUntil } from './scrape.ts';
import { setting, startStack } from './start-stack.ts';
import type { BenchStack } from './start-stack.ts';
import { RowWatch } from './watch-rows.ts';

export type Upload = { readonly key: string; readonly body: string | Uint8Array };

export type Put = { readonly sentAtMs: number; readonly answeredAtMs: number };

/** Embedded stack, tables and a reader: what a bench needs around the program it measures. */
export type Bench = {
  readonly stack: BenchStack;
  readonly rows: RowWatch;
  put(file: Upload): Promise<Put>;
  /** Runs `sparkify consume` as its own process while `work` is under way; stops it as an operator would. */
  withConsumer<T>(
    settings: Readonly<Record<string, string>>,
    work: (consumer: SparkifyProcess) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
};

/**
 * @param options.isScraped consumers serve their metrics, which are read every second.
 * @throws Error when the stack or the migration does not come up.
 */
export async function openBench(options: { readonly isScraped?: boolean } = {}): Promise<Bench> {
  const stack = await startStack();
  try {
    await runCommand(stack, 'migrate');
    const rows = await RowWatch.open(stack.psqlUrl, setting(stack, 'SPARKIFY_SCHEMA'));
    const s3 = new S3Client(clientConfig(stack, 'S3'));
    const bucket = setting(stack, 'SPARKIFY_BUCKET');
    return {
      stack,
      rows,
      put: async (file) => {
        const sentAtMs = Date.now();
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: file.key, Body: file.body }));
        return { sentAtMs, answeredAtMs: Date.now() };
      },
      withConsumer: async (settings, work) => {
        const environment = { ...stack.environment, ...settings };
        return options.isScraped === true
          ? await withScraped(environment, work)
          : await withConsumer(environment, [], work);
      },
      close: async () => {
        await rows.close();
        s3.destroy();
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function withScraped<T>(
  environment: Readonly<Record<string, string>>,
  work: (consumer: SparkifyProcess) => Promise<T>,
): Promise<T> {
  const address = `127.0.0.1:${await freePort()}`;
  const over = new AbortController();
  return await withConsumer(environment, ['--http', address], async (consumer) => {
    const scraping = scrapeUntil(over.signal, async () => await (await fetch(`http://${address}/metrics`)).text());
    try {
      return await work(consumer);
    } finally {
      over.abort();
      await scraping;
    }
  });
}

async function withConsumer<T>(
  environment: Readonly<Record<string, string>>,
  options: readonly string[],
  work: (consumer: SparkifyProcess) => Promise<T>,
): Promise<T> {
  const consumer = new SparkifyProcess({ args: ['consume', ...options], environment, program: asOperator() });
  try {
    await consumer.waitFor('the consumer to start', (process) =>
      process.logLines().some((line) => line['event'] === 'consumer.started') ? true : undefined,
    );
    const result = await work(consumer);
    consumer.kill('SIGTERM');
    await consumer.end;
    return result;
  } finally {
    await consumer.dispose();
  }
}
