import { routeSettings } from '../../app/compose.ts';
import { openCheckedLooking } from '../../app/compose-look.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import type { NamedKeys } from '../../backfill/named-keys.ts';
import { namedKeys, openKeysFile } from '../../backfill/named-keys.ts';
import { isBatchId } from '../../core/load.ts';
import { printable } from '../../core/printable.ts';
import { route } from '../../core/route.ts';
import type { RouteSettings } from '../../core/route.ts';
import type { LedgerPart } from '../../look/keys.ts';
import { readKeys } from '../../look/keys.ts';
import { day, keysFromOption, reason } from '../arguments.ts';
import { loadListed } from '../load-listed.ts';
import { objectArgument } from '../object-argument.ts';
import { reloadDecision } from '../reload-decision.ts';
import { action, UsageError, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & {
  quarantined?: true;
  prefix?: string;
  day?: number;
  batch?: string;
  keysFrom?: string;
  why?: string;
  dryRun?: true;
};

export function reloadCommand(io: Io): Command {
  const command = verb('reload', 'read files again; write rows that are missing or differ, and remove surplus rows', [
    ['sparkify reload log_data/a.json', 'one file, also if its version was retracted'],
    ['sparkify reload --quarantined', 'the quarantined files, after a repair of their cause'],
    ['sparkify verify --keys bad.txt; sparkify reload --keys-from bad.txt', 'the files whose rows differ'],
    ['sparkify reload --day 2018-11-15 --dry-run', 'count the logs that have events of a day'],
  ])
    .argument('[keys...]', 'keys of logs or songs, or s3://bucket/key')
    .option('--quarantined', 'the files that are quarantined')
    .option('--prefix <prefix>', 'the files of the bucket below this prefix')
    .option('--day <day>', 'the logs that have events of this day (UTC)', day('--day'))
    .option('--batch <id>', 'the files of this batch')
    .addOption(keysFromOption())
    .option('--why <text>', 'the reason, for the ledger', reason('--why'))
    .option('--dry-run', 'count the files; load nothing')
    .action(async (keys: string[], options: Options) => {
      await action<Options>(io, async (all) => await runReloadCommand(keys, all, io))(options);
    });
  return withNotes(
    command,
    'Name the files in one way. Only keys as arguments also load versions that a person retracted; all other ways leave ' +
      'these versions alone and list them. Rows that are as in the files stay. The exit code is 1 when a file was quarantined, or is not in the bucket.',
  );
}

async function runReloadCommand(keys: readonly string[], options: Options, io: Io): Promise<ExitCode> {
  const { keysFrom, prefix, why } = options;
  const ways = [keys[0], options.quarantined, prefix, options.day, options.batch, keysFrom];
  if (ways.filter((way) => way !== undefined).length !== 1) {
    throw new UsageError('name the files in one way: keys, --quarantined, --prefix, --day, --batch or --keys-from');
  }
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse', 'copy', 'batching']);
  const settings = routeSettings(config);
  const given =
    keys.length > 0 ? ofArguments(keys, settings) : keysFrom === undefined ? null : openKeysFile(keysFrom, settings);
  const part = ledgerPart(options);
  return await loadListed(io, config, {
    name: 'reload',
    mode: options.dryRun === true ? 'count' : 'load',
    range: { prefix: prefix ?? null, sinceMs: null, untilMs: null },
    isJson: options.json === true,
    feedConfig: null,
    keys: async (parts, signal) => {
      if (part === null) return given;
      const found = await readKeys(await openCheckedLooking(parts, config, signal), settings.bucket, part);
      if (part.kind === 'batch' && found.length === 0)
        throw new UsageError(
          `the ledger has no log or song of batch ${part.batchId}; "sparkify history" lists the latest ids`,
        );
      const whenEmpty = part.kind === 'day' ? 'No loaded log has events of this day.' : 'No file is quarantined.';
      return namedKeys(() => found.map((key) => JSON.stringify(key)), settings, whenEmpty);
    },
    decision: async (parts, signal) =>
      await reloadDecision(parts, config, { why, undoesRetraction: keys.length > 0, signal }),
  });
}

function ledgerPart({ batch, day: dayMs, quarantined }: Options): LedgerPart | null {
  if (batch !== undefined) {
    if (!isBatchId(batch)) throw new UsageError(`--batch ${printable(batch)}: expected the id of a batch`);
    return { kind: 'batch', batchId: batch };
  }
  if (dayMs !== undefined) return { kind: 'day', dayMs };
  return quarantined === true ? { kind: 'quarantined' } : null;
}

/** @throws UsageError for a key of neither dataset. */
function ofArguments(keys: readonly string[], settings: RouteSettings): NamedKeys {
  const objects = keys.map((key) => objectArgument(key, settings.bucket));
  for (const object of objects) {
    const to = route({ ...object, change: 'put' }, settings);
    if (to.kind !== 'load') throw new UsageError(`${printable(object.key)} is not a log or a song: ${to.reason}`);
  }
  return namedKeys(() => objects.map(({ key }) => JSON.stringify(key)), settings);
}
