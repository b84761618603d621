import { openParts, routeSettings } from '../../app/compose.ts';
import type { Parts } from '../../app/compose.ts';
import { openCheckedLooking } from '../../app/compose-look.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import type { Config } from '../../app/config.ts';
import { whyUnknown } from '../../app/why-unknown.ts';
import type { Looking } from '../../look/ask.ts';
import { readFile, readFiles, readOpen, readRejected } from '../../look/files.ts';
import { renderFile, renderFiles, renderOpen } from '../../terminal/files.ts';
import { renderRejected } from '../../terminal/rejected.ts';
import { instant, wholeNumber } from '../arguments.ts';
import { objectArgument } from '../object-argument.ts';
import { untilSignal } from '../until-signal.ts';
import { action, UsageError, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { bad?: true; rejected?: true; prefix?: string; since?: number; max: number };

export function filesCommand(io: Io): Command {
  return verb('files', 'show the fate of files: all versions of one key, what is bad, or the latest', [
    ['sparkify files log_data/2018/11/2018-11-12-events.json', 'all versions, with rejected rows'],
    ['sparkify files --bad', 'quarantined files and files with rejected rows that no later version solved'],
    ['sparkify files --rejected --since 2026-01-31', 'rejected rows, with a caret under what does not fit'],
  ])
    .argument('[key]', 'a key, or s3://bucket/key')
    .option('--bad', 'only files that a person should look at, with the usual remedy')
    .option('--rejected', 'rejected rows instead of files')
    .option('--prefix <prefix>', 'only files below this prefix')
    .option('--since <time>', 'only what was settled since this day or time', instant('--since'))
    .option('--max <number>', 'maximum number of files or rows', wholeNumber('--max', 1, 10_000), 50)
    .action(async (key: string | undefined, options: Options) => {
      await action<Options>(io, async (all) => await runFilesCommand(key, all, io))(options);
    });
}

async function runFilesCommand(key: string | undefined, options: Options, io: Io): Promise<ExitCode> {
  const { bad, prefix, rejected, since } = options;
  if (bad === true && rejected === true) throw new UsageError('--bad and --rejected cannot be combined; choose one');
  if (key !== undefined && [bad, prefix, rejected, since].some((option) => option !== undefined)) {
    throw new UsageError('a key cannot be combined with --bad, --rejected, --prefix or --since');
  }
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse']);
  const object = key === undefined ? null : objectArgument(key, config.bucket.name);
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const looking = await openCheckedLooking(parts, config, signal);
    const { text, value } =
      object === null ? await list(looking, options) : await one(parts, { config, looking, object, options });
    io.out(options.json === true ? `${JSON.stringify(value, null, 2)}\n` : text);
    return 0;
  });
}

type Shown = { readonly value: object; readonly text: string };

async function list(looking: Looking, { bad, max, prefix = '', rejected, since }: Options): Promise<Shown> {
  const range = { prefix, sinceMs: since ?? 0, max };
  if (bad === true) {
    const open = await readOpen(looking, range);
    return { value: { open }, text: renderOpen(open, max) };
  }
  if (rejected === true) {
    const rows = await readRejected(looking, range);
    return { value: { rejected: rows }, text: rows.length === 0 ? 'no rejected row\n' : renderRejected(rows) };
  }
  const files = await readFiles(looking, range);
  return { value: { files }, text: renderFiles(files, max) };
}

async function one(
  parts: Parts,
  input: {
    readonly config: Config<'bucket' | 'warehouse'>;
    readonly looking: Looking;
    readonly object: { readonly bucket: string; readonly key: string };
    readonly options: Options;
  },
): Promise<Shown> {
  const { config, looking, object, options } = input;
  const file = await readFile(looking, object, options.max);
  if (file.versions.length === 0 && file.live === null) {
    throw new UsageError(await whyUnknown(parts.store, object, routeSettings(config), looking.signal));
  }
  return { value: file, text: renderFile(file) };
}
