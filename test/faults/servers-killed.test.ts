import { afterAll, expect, it } from 'vitest';
import { generatedFiles } from '../flow/support/generated.ts';
import { SparkifyProcess } from '../support/sparkify-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Scene } from './support/scene.ts';
import { startServers } from './support/servers.ts';

const { parts, world } = await startServers();
afterAll(() => world.stop());

const { logs, songs } = generatedFiles({ seed: 41, events: 400, songs: 12, files: 24 });
const files = [...logs, ...songs];
/** Many small loads, so that a kill meets one in the middle. */
const SETTINGS = { SPARKIFY_BATCH_MAX_FILES: '3', SPARKIFY_LINGER_MS: '0', SPARKIFY_VISIBILITY_SECONDS: '10' };
const KILLS = 2;

it.each(['S3 and SQS', 'the Redshift stand-in', 'PostgreSQL'] as const)(
  '%s is killed under load and comes back: the consumer resumes automatically, and the tables are those of a full reload',
  async (name) => {
    const server = parts[name];
    const scene = await Scene.open(world);
    await scene.migrate();
    const consumer = new SparkifyProcess({
      args: ['consume'],
      environment: { ...scene.place.environment, ...SETTINGS },
    });
    try {
      const settled = async (): Promise<number> => {
        if (consumer.ended) throw new Error(consumer.text);
        const { rows } = await world.pool.query(`select 1 from ${scene.place.schema}.ingest_files`);
        return rows.length;
      };
      // As a person's uploads do: tried again until they are accepted.
      const uploads = (async () => {
        for (const file of files) await waitUntil(async () => (await scene.put(file), true), { what: file.key });
      })();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const enough = (await waitUntil(settled, { what: 'a first load', timeoutMs: 60_000 })) + 4;
        await waitUntil(async () => (await settled()) >= enough, { what: 'some progress', timeoutMs: 60_000 });
        await server.killed();
        await server.started();
      }
      await uploads;
      await waitUntil(async () => (await settled()) === files.length, { what: 'every file', timeoutMs: 90_000 });
      await waitUntil(async () => (await scene.messagesLeft()) === 0, { what: 'an empty queue', timeoutMs: 60_000 });
      // The log must show retries: the kills hit the consumer's calls.
      expect(consumer.text).toMatch(/"event":"(?:load.retried|intake.paused)"/);
      consumer.kill('SIGTERM');
      const end = await consumer.end;
      expect(end, end.stderr).toMatchObject({ code: 0, signal: null });
      expect(await scene.deadLetters()).toEqual([]);
      await scene.run(['verify']);
    } catch (error) {
      throw new Error(consumer.text, { cause: error });
    } finally {
      await consumer.dispose();
      await scene.close();
    }
  },
);
