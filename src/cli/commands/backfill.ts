import { Option } from 'commander';
import { routeSettings } from '../../app/compose.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import { openKeysFile } from '../../backfill/named-keys.ts';
import type { BackfillMode } from '../../terminal/backfill-report.ts';
import { checkRange, instant, keysFromOption } from '../arguments.ts';
import { loadListed } from '../load-listed.ts';
import { reloadDecision } from '../reload-decision.ts';
import { action, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & {
  prefix?: string;
  since?: number;
  until?: number;
  keysFrom?: string;
  dryRun?: true;
  enqueue?: true;
  reload?: true;
};

export function backfillCommand(io: Io): Command {
  const command = verb(
    'backfill',
    'list the bucket and load the files that the ledger lacks; can be interrupted and run again',
    [
      ['sparkify backfill --local', 'everything in the bucket of the embedded stack'],
      ['sparkify backfill --prefix log_data/2018/11/', 'one month of logs'],
      ['sparkify backfill --keys-from keys.txt', 'the files that are named in a file, one a line'],
      ['sparkify backfill --enqueue', 'let the consumers load them'],
      ['sparkify backfill --reload', 'read all files again; add the source to rows that an older version loaded'],
      ['sparkify backfill --since 2026-01-01 --dry-run', 'count the files stored since then that are not loaded'],
    ],
  )
    .option('--prefix <prefix>', 'only keys that begin with this')
    .option('--since <time>', 'only objects stored at or after this time (UTC)', instant('--since'))
    .option('--until <time>', 'only objects stored before this time (UTC)', instant('--until'))
    .addOption(keysFromOption())
    .option('--dry-run', 'list the bucket and count what the ledger lacks; load nothing')
    .addOption(
      new Option(
        '--enqueue',
        'send notifications of the files to the queue, while it holds less than 2,000 messages; load nothing',
      ).conflicts(['dryRun', 'reload']),
    )
    .addOption(new Option('--reload', 'also read loaded files again, as "sparkify reload" does'))
    .action(action<Options>(io, async (options) => await runBackfillCommand(options, io)));
  return withNotes(
    command,
    'Songs are loaded before logs. Two backfills at once share the work. The exit code is 1 when a file was quarantined. With ' +
      '--json the progress is a JSON object a line on standard error, every five seconds.',
  );
}

async function runBackfillCommand(options: Options, io: Io): Promise<ExitCode> {
  checkRange(options);
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse', 'copy', 'batching']);
  const mode: BackfillMode = options.dryRun === true ? 'count' : options.enqueue === true ? 'enqueue' : 'load';
  const { keysFrom, prefix, since, until } = options;
  const keys = keysFrom === undefined ? null : openKeysFile(keysFrom, routeSettings(config));
  return await loadListed(io, config, {
    name: 'backfill',
    mode,
    range: { prefix: prefix ?? null, sinceMs: since ?? null, untilMs: until ?? null },
    isJson: options.json === true,
    feedConfig: mode === 'enqueue' ? readConfig(processEnvironment(), ['queue']) : null,
    keys: async () => await Promise.resolve(keys),
    decision: async (parts, signal) =>
      options.reload === true ? await reloadDecision(parts, config, { signal }) : undefined,
  });
}
