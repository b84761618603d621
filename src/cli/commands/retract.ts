import { openCommandLog, openParts, openRetraction, openWarehouse, routeSettings } from '../../app/compose.ts';
import type { Parts } from '../../app/compose.ts';
import { openCheckedLooking } from '../../app/compose-look.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import type { Config } from '../../app/config.ts';
import { operatorName } from '../../app/operator-name.ts';
import { preflight } from '../../app/preflight.ts';
import { whyUnknown } from '../../app/why-unknown.ts';
import { loadWithRetries } from '../../backfill/load-with-retries.ts';
import type { Dataset } from '../../core/dataset.ts';
import { liveObjects, tooLarge } from '../../core/loading/retraction.ts';
import type { RetractedObject, Retraction } from '../../core/loading/retraction.ts';
import { printable } from '../../core/printable.ts';
import { route } from '../../core/route.ts';
import type { RouteSettings } from '../../core/route.ts';
import { readFile } from '../../look/files.ts';
import { renderRetraction } from '../../terminal/retraction.ts';
import { reason, wholeNumber } from '../arguments.ts';
import { answerTo } from '../confirm.ts';
import { objectArgument } from '../object-argument.ts';
import { untilSignal } from '../until-signal.ts';
import { action, UsageError, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { why: string; dryRun?: true; yes?: true; maxFiles?: number };

export function retractCommand(io: Io): Command {
  const command = verb(
    'retract',
    'remove the rows that only these files contributed; the versions are not loaded again',
    [
      ['sparkify retract log_data/wrong.json --why "names of another test"', 'shows the plan, and asks'],
      ['sparkify retract song_data/a.json song_data/b.json --why "a trial" --dry-run', 'shows the plan only'],
      ['sparkify reload log_data/wrong.json', 'takes the decision back'],
    ],
  )
    .argument('<keys...>', 'keys of logs or of songs, or s3://bucket/key')
    .requiredOption('--why <text>', 'the reason, for the ledger', reason('--why'))
    .option(
      '--max-files <number>',
      'allow up to this number of files, and any share of the rows',
      wholeNumber('--max-files', 1, 1e6),
    )
    .option('--dry-run', 'show the plan and change nothing')
    .option('--yes', 'do not ask')
    .action(async (keys: string[], options: Options) => {
      await action<Options>(io, async (all) => await runRetractCommand(keys, all, io))(options);
    });
  return withNotes(
    command,
    'The decision is about the versions that are loaded now: notifications, "backfill" and "verify" leave these versions ' +
      'alone, and another version of a file loads as usual. More than 100 files, or more than 10 % of the plays or songs, need ' +
      '--max-files. If the counts of the plan change before the rows are removed, nothing is removed.',
  );
}

async function runRetractCommand(keys: readonly string[], options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse', 'copy']);
  const settings = routeSettings(config);
  const { dataset, objects } = ofOneDataset(keys, settings);
  const isJson = options.json === true;
  return await untilSignal(io, 'stopping; nothing is half done …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const warehouse = openWarehouse(parts, config);
    for (const sentence of await preflight(parts, { config, queueUrl: null, warehouse }, signal))
      io.err(`sparkify: ${printable(sentence)}\n`);
    const emit = openCommandLog(config, { io, isJson, signal });
    const retraction = openRetraction(parts, { config, warehouse, emit });
    const plan = await retraction.plan(dataset, objects, signal);
    await throwUnknown(plan, { parts, config, settings, signal });
    const live = liveObjects(plan);
    const isAsked = options.yes !== true && options.dryRun !== true;
    if (!isJson) io.out(renderRetraction(plan));
    else if (isAsked) io.err(renderRetraction(plan));
    const print = (rows: unknown): void => {
      if (isJson) io.out(`${JSON.stringify({ plan, rows }, null, 2)}\n`);
    };
    if (live.length === 0 || options.dryRun === true) {
      print(null);
      return 0;
    }
    const refused = tooLarge(plan, options.maxFiles ?? null);
    if (refused !== null) throw new UsageError(`${refused}. Nothing was changed`);
    const operator = await operatorName(parts, config, signal);
    if (isAsked && !(await isConfirmed(live.length, io))) {
      io.err('Nothing was changed.\n');
      return 1;
    }
    const batch = retraction.batch({ ...plan, objects: live, operator, why: options.why });
    const { counts } = await loadWithRetries({ ...retraction, emit }, batch, signal);
    const { removed, repaired, updated } = counts;
    print(counts);
    if (!isJson) io.out(`retracted by batch ${batch.id}: ${removed} rows removed, ${updated + repaired} changed\n`);
    return 0;
  });
}

async function isConfirmed(files: number, io: Io): Promise<boolean> {
  const question = `Type the number of files (${files}) to retract: `;
  const without = 'retract asks before it removes rows, and there is no terminal to ask on: add --yes';
  return (await answerTo(question, io, without)) === String(files);
}

function ofOneDataset(
  keys: readonly string[],
  settings: RouteSettings,
): { readonly dataset: Dataset; readonly objects: readonly RetractedObject[] } {
  const objects = new Map(
    keys.map((key) => objectArgument(key, settings.bucket)).map((one) => [`${one.bucket}/${one.key}`, one]),
  );
  const datasets = new Set<Dataset>();
  for (const object of objects.values()) {
    const to = route({ ...object, change: 'put' }, settings);
    if (to.kind !== 'load') throw new UsageError(`${object.key} is not a log or a song: ${to.reason}`);
    datasets.add(to.lane);
  }
  const [dataset, other] = [...datasets];
  if (dataset === undefined || other !== undefined) throw new UsageError('run one command for logs and one for songs');
  return { dataset, objects: [...objects.values()] };
}

/** A wrong key would be a decision about nothing. */
async function throwUnknown(
  { objects }: Retraction,
  input: { parts: Parts; config: Config<'bucket' | 'warehouse'>; settings: RouteSettings; signal: AbortSignal },
): Promise<void> {
  const { config, parts, settings, signal } = input;
  const unknown = objects.find(({ status }) => status === null);
  if (unknown === undefined) return;
  const { versions } = await readFile(await openCheckedLooking(parts, config, signal), unknown, 1);
  const [newest] = versions;
  if (newest === undefined) throw new UsageError(await whyUnknown(parts.store, unknown, settings, signal));
  const key = printable(unknown.key);
  throw new UsageError(
    `${key} is ${newest.status} and has no rows to retract; "sparkify files" with the key shows why`,
  );
}
