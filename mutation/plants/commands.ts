import type { PlantedBug } from '../planted-bug.ts';
import { tests } from '../planted-bug.ts';

/** Mistakes in what the commands drop, overwrite and print, and in the embedded stack that shows it. */
export const COMMAND_PLANTS: readonly PlantedBug[] = [
  {
    name: 'a reset drops what depends on its tables',
    file: 'src/schema/migrate.ts',
    text: '`drop table if exists ${quoteSchema(schema)}."${table}"`',
    instead: '`drop table if exists ${quoteSchema(schema)}."${table}" cascade`',
    caughtBy: tests('test/flow/migrate.test.ts'),
  },
  {
    name: 'a reset takes a table for its own by the name alone',
    file: 'src/schema/migrate.ts',
    text: 'if (applied === null) return;',
    instead:
      'if (applied === null) { await runner.run("reset", [`drop table if exists "${schema}"."users"`]); return; }',
    caughtBy: tests('test/flow/migrate.test.ts'),
  },
  {
    name: 'a generated object overwrites',
    file: 'src/aws/s3-object-store.ts',
    text: "ifAbsent ? { IfNoneMatch: '*' } : {}",
    instead: "ifAbsent && body.length < 0 ? { IfNoneMatch: '*' } : {}",
    caughtBy: tests('test/generate/never-overwrites.test.ts'),
  },
  {
    name: 'a generated file overwrites',
    file: 'src/generate/folder-writer.ts',
    text: 'await link(unfinished, path);',
    instead:
      "await (await import('node:fs/promises')).rename(unfinished, path); if (body.length < 0) await link(path, path);",
    caughtBy: tests('test/generate/never-overwrites.test.ts'),
  },
  {
    name: 'the warnings of a library stand between the lines of the log',
    file: 'src/observe/route-warnings.ts',
    text: 'info: warn, warn, error',
    instead: 'info: warn, error',
    caughtBy: tests('test/cli/bad-input.test.ts'),
  },
  {
    name: 'a character that reverses what a terminal shows stands raw in the log',
    file: 'src/observe/logger.ts',
    text: "stream.write(printable(line, '\\n'));",
    instead: "stream.write(printable(line, '\\n\\u202e'));",
    caughtBy: tests('test/app/log-lines.test.ts'),
  },
  {
    name: 'a problem that a later version solved stays open',
    file: 'src/core/loading/load-plan.ts',
    text: 'facts.hasOpen || facts.isAgain ?',
    instead: 'facts.hasOpen && facts.isAgain ?',
    caughtBy: tests('test/cli/look.test.ts'),
  },
  {
    name: 'an object that replaces another counts twice in the totals',
    file: 'sql/load/ledger/80_batch.sql',
    text: "when b.was_status = 'live'",
    instead: "when b.was_status = 'loaded'",
    caughtBy: tests('test/simulation/conformance.test.ts'),
  },
  {
    name: 'a forged time of an event counts as the time of a put',
    file: 'src/core/measures.ts',
    text: 'eventTimeMs >= lastModifiedMs - LAST_MODIFIED_STEP_MS',
    instead: 'eventTimeMs >= 0 * LAST_MODIFIED_STEP_MS',
    caughtBy: tests('test/unit/measures.test.ts'),
  },
  {
    name: 'a consumer that has just started is not behind',
    file: 'src/core/measures.ts',
    text: 'return now.lastReceiveWasEmpty ? 0 : null;',
    instead: 'return now.lastReceiveWasEmpty || now.atMs > 0 ? 0 : null;',
    caughtBy: tests('test/unit/measures.test.ts'),
  },
  {
    name: 'an empty delimiter makes every key a folder',
    file: 'packages/local-stack/src/object-store/list-objects.ts',
    text: "...(delimiter === '' ? {} : { delimiter }),",
    instead: 'delimiter,',
    caughtBy: tests('packages/local-stack/test/object-store/objects.test.ts'),
  },
  {
    name: 'a retraction of most of the rows needs no limit',
    file: 'src/core/loading/retraction.ts',
    text: 'affected <= FREE_SHARE * plan.rowsInAll',
    instead: 'affected <= plan.rowsInAll',
    caughtBy: tests('test/unit/retraction.test.ts'),
  },
  {
    name: 'a retraction counts files that were retracted before',
    file: 'src/core/loading/retraction.ts',
    text: "objects.filter(({ status }) => status === 'live')",
    instead: "objects.filter(({ status }) => status !== 'removed')",
    caughtBy: tests('test/unit/retraction.test.ts'),
  },
  {
    name: 'a dead letter is deleted before its body is sent again',
    file: 'src/app/compose-dead-letters.ts',
    text: `      if (input.isResent) await sendMessages(sqs, config.queue.url, [letter.body]);
      await deleteDeadLetter(sqs, queueUrl, letter);`,
    instead: `      await deleteDeadLetter(sqs, queueUrl, letter);
      if (input.isResent) await sendMessages(sqs, config.queue.url, [letter.body]);`,
    caughtBy: tests('test/faults/commands-killed.test.ts'),
  },
  {
    name: 'the bodies of deleted dead letters overwrite a file',
    file: 'src/cli/commands/dead-letters.ts',
    text: ".join(''), 'wx');",
    instead: ".join(''), 'w');",
    caughtBy: tests('test/flow/dead-letters.test.ts'),
  },
  {
    name: 'a retraction does not compare the counts under the lock',
    file: 'sql/load/retraction/20_logs.sql',
    text: "case when {{planned}} in ('', c.counts) then",
    instead: "case when {{planned}} >= '' then",
    caughtBy: tests('test/flow/lineage.test.ts'),
  },
  {
    name: 'a retraction compares numbers, and not the versions that are retracted',
    file: 'sql/load/retraction/20_logs.sql',
    text: "|| ' ' || v.checksum::varchar",
    instead: "|| ' ' || (v.checksum * 0)::varchar",
    caughtBy: tests('test/flow/lineage.test.ts'),
  },
  {
    name: 'a reload of many files loads retracted versions',
    file: 'src/core/loading/load-plan.ts',
    text: "decision?.action === 'reload' && decision.undoesRetraction;",
    instead: "decision?.action === 'reload';",
    caughtBy: tests('test/flow/lineage.test.ts'),
  },
];
