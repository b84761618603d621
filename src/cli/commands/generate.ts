import { countOf } from '../../core/count-of.ts';
import { Option } from 'commander';
import { INTERRUPTED } from '../../app/lifecycle.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { ProgressNow } from '../../terminal/progress.ts';
import { megabytes } from '../../terminal/table.ts';
import { day, share, wholeNumber } from '../arguments.ts';
import { untilSignal } from '../until-signal.ts';
import { UsageError, action, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { GenerateTarget } from '../../app/compose-generate.ts';
import { openGenerateTarget } from '../../app/compose-generate.ts';
import { folderWriter } from '../../generate/folder-writer.ts';
import { writeGenerated } from '../../generate/write-generated.ts';
import type { GenerateOptions } from '../../generate/events.ts';
import type { GenerateSummary, WriteFile } from '../../generate/write-generated.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & {
  to: string;
  seed: number;
  users: number;
  songs: number;
  days: number;
  events: number;
  files?: number;
  /** Epoch ms. */
  firstDay: number;
  matchShare: number;
};

export function generateCommand(io: Io): Command {
  return verb('generate', 'write realistic synthetic logs and songs, to a folder or a bucket; overwrites nothing', [
    ['sparkify generate --to ./data', 'three days of logs and 1,000 songs in a folder'],
    ['sparkify generate --to s3 --local', 'the same into the bucket of the embedded stack'],
    ['sparkify generate --to s3://my-bucket --events 1000000 --days 30', 'a million events into a bucket'],
    ['sparkify generate --to ./data --files 2000 --seed 7', 'many small files, other data'],
  ])
    .requiredOption('--to <target>', 'a folder, s3://bucket, or s3 for the bucket in the settings')
    .option('--seed <number>', 'the same seed gives the same bytes', wholeNumber('--seed', 0, 4_294_967_295), 1)
    .option('--users <number>', 'maximum number of users', wholeNumber('--users', 1, 100_000_000), 100)
    .option('--songs <number>', 'songs in the catalogue, one file each', wholeNumber('--songs', 0, 10_000_000), 1_000)
    .option('--days <number>', 'days of logs', wholeNumber('--days', 1, 36_500), 3)
    .option('--events <number>', 'total number of events', wholeNumber('--events', 0, 1e12), 9_000)
    .option('--files <number>', 'approximate number of log files (default: one a day)', wholeNumber('--files', 1, 1e9))
    .addOption(
      new Option('--first-day <day>', 'first day of the logs (UTC)')
        .argParser(day('--first-day'))
        .default(Date.UTC(2018, 10, 1), '2018-11-01'),
    )
    .addOption(
      new Option('--match-share <share>', 'share of plays whose song is in the catalogue, 0 to 1')
        .argParser(share('--match-share'))
        .default(0.7),
    )
    .action(action<Options>(io, (options) => runGenerate(options, io)));
}

async function runGenerate(options: Options, io: Io): Promise<ExitCode> {
  if (options.to === '') throw new UsageError('--to: expected a folder, s3://bucket or s3, found nothing');
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const target = options.to.startsWith('s3') ? closing(openBucket(options.to)) : null;
    const write: WriteFile = target?.write ?? folderWriter(options.to);
    const generateOptions = toGenerateOptions(options, target?.prefixes ?? { log: 'log_data/', song: 'song_data/' });
    const total = options.songs + options.events;
    let now: ProgressNow = { done: 0, total, note: '' };
    const progress = closing(startProgress({ io, label: 'generate', look: () => now }));
    const summary = await writeGenerated({
      options: generateOptions,
      write,
      signal,
      onProgress: (soFar) => (now = { done: soFar.songFiles + soFar.events, total, note: describe(soFar) }),
    });
    progress.close();
    io.out(
      options.json ? `${JSON.stringify({ to: options.to, ...summary })}\n` : `${describe(summary)} in ${options.to}\n`,
    );
    // A signal makes the writing end early.
    return signal.aborted ? INTERRUPTED : 0;
  });
}

function openBucket(to: string): GenerateTarget {
  const match = /^s3(?::\/\/([^/]+)\/?)?$/.exec(to);
  if (match === null) throw new UsageError(`--to ${to}: expected s3://bucket without a path, s3, or a folder`);
  return openGenerateTarget(match[1] ?? null);
}

function toGenerateOptions(options: Options, prefixes: { log: string; song: string }): GenerateOptions {
  const { seed, users, songs, days, events, files, firstDay, matchShare } = options;
  return {
    seed,
    users,
    songs,
    days,
    events,
    files: files ?? null,
    matchShare,
    firstDayMs: firstDay,
    logPrefix: prefixes.log,
    songPrefix: prefixes.song,
  };
}

function describe(summary: GenerateSummary): string {
  return (
    `${countOf(summary.songFiles, 'song')}, ${countOf(summary.events, 'event')} in ` +
    `${countOf(summary.logFiles, 'log file')}, ${megabytes(summary.bytes)} MB`
  );
}
