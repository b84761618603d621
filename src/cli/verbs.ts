import type { Command } from 'commander';
import type { Io } from '../terminal/io.ts';

/** Headings of the list of verbs. */
type VerbGroup = 'Try it on this machine:' | 'Set up:' | 'Load:' | 'Look:' | 'Change:';

type Verb = {
  readonly name: string;
  readonly group: VerbGroup;
  /** Not offered where the embedded stack is not installed. */
  readonly needsEmbeddedStack?: true;
  /** One line for the list of verbs; the verb's own help says more. */
  readonly summary: string;
  readonly load: () => Promise<(io: Io) => Command>;
};

/** In the order in which a new user needs them; those of a group stand together. */
export const VERBS: readonly Verb[] = [
  {
    name: 'demo',
    group: 'Try it on this machine:',
    needsEmbeddedStack: true,
    summary: 'the whole story in under a minute, on this machine',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  {
    name: 'local',
    group: 'Try it on this machine:',
    needsEmbeddedStack: true,
    summary: 'run the embedded stack: S3, SQS and a Redshift stand-in',
    load: async () => (await import('./commands/local.ts')).localCommand,
  },
  {
    name: 'generate',
    group: 'Try it on this machine:',
    summary: 'write realistic synthetic logs and songs',
    load: async () => (await import('./commands/generate.ts')).generateCommand,
  },
  {
    name: 'migrate',
    group: 'Set up:',
    summary: 'create or upgrade the tables',
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  {
    name: 'doctor',
    group: 'Set up:',
    summary: 'check what surrounds the service, and say what fixes it',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'consume',
    group: 'Load:',
    summary: 'load files as they arrive; runs until it is stopped',
    load: async () => (await import('./commands/consume.ts')).consumeCommand,
  },
  {
    name: 'backfill',
    group: 'Load:',
    summary: 'list the bucket and load what is not loaded yet',
    load: async () => (await import('./commands/backfill.ts')).backfillCommand,
  },
  {
    name: 'status',
    group: 'Look:',
    summary: 'show consumers, backlog, delay, last batches, and what is wrong',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'history',
    group: 'Look:',
    summary: 'show what was loaded when, and one batch with its files',
    load: async () => (await import('./commands/history.ts')).historyCommand,
  },
  {
    name: 'files',
    group: 'Look:',
    summary: 'show the fate of files, what is bad, and rejected rows',
    load: async () => (await import('./commands/files.ts')).filesCommand,
  },
  {
    name: 'explain',
    group: 'Look:',
    summary: 'show where a row comes from, and why a play has a song or not',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  {
    name: 'analyze',
    group: 'Look:',
    summary: "answer the analysts' questions",
    load: async () => (await import('./commands/analyze.ts')).analyzeCommand,
  },
  {
    name: 'verify',
    group: 'Look:',
    summary: 'compare the tables with a full reload of the bucket',
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    name: 'retract',
    group: 'Change:',
    summary: 'remove the rows that only these files contributed',
    load: async () => (await import('./commands/retract.ts')).retractCommand,
  },
  {
    name: 'reload',
    group: 'Change:',
    summary: 'load files again, also retracted ones',
    load: async () => (await import('./commands/reload.ts')).reloadCommand,
  },
  {
    name: 'dead-letters',
    group: 'Change:',
    summary: 'list the unreadable messages; send them again or delete them',
    load: async () => (await import('./commands/dead-letters.ts')).deadLettersCommand,
  },
  {
    name: 'cluster',
    group: 'Change:',
    summary: 'show, pause or resume the Redshift cluster',
    load: async () => (await import('./commands/cluster.ts')).clusterCommand,
  },
];
