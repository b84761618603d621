import { startPostgres } from '../../src/engine/postgres.ts';

// A separate program for tests that kill the starter of PostgreSQL: prints the URL and keeps running.
const server = await startPostgres({
  dataDir: process.argv[2] ?? '',
  host: '127.0.0.1',
  port: 0,
  superuser: 'awsuser',
  log: () => undefined,
});
process.stdout.write(`${server.url}\n`);
setInterval(() => undefined, 60_000);
