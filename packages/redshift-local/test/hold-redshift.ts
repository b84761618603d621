import { startRedshift } from '../src/start-redshift.ts';

// A separate program for tests that kill the stand-in: prints its URL and keeps running.
const redshift = await startRedshift({
  dataDir: process.argv[2] ?? '',
  host: '127.0.0.1',
  port: 0,
  postgresPort: 0,
  clusterIdentifier: 'sparkify-local',
  database: 'sparkify',
  masterUser: 'sparkify',
  region: 'us-east-1',
  attachedRoleArns: [],
  log: () => undefined,
});
process.stdout.write(`${redshift.url}\n`);
