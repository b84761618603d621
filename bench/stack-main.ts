import { startLocalStack } from 'local-stack';

/**
 * The embedded stack as a process of its own, so that its memory and its event loop are not the consumer's. Started by
 * `start-stack.ts`; says over IPC how to reach it and ends with its parent, however that one ends.
 */
const dataDir = process.argv[2];
if (dataDir === undefined || process.send === undefined) {
  throw new Error('This file is started by bench/start-stack.ts with a data directory.');
}
const stack = await startLocalStack({ dataDir, port: 0, redshiftPort: 0, postgresPort: 0 });
process.send({ environment: stack.environment, psqlUrl: stack.psqlUrl });
process.once('disconnect', () => {
  void stack.stop().then(() => process.exit(0));
});
// A terminal's Ctrl-C reaches us too; the parent decides when to stop.
process.on('SIGINT', () => undefined);
