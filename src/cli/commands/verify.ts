import { processEnvironment, readConfig } from '../../app/config.ts';
import { newRunId, openParts, openWarehouse } from '../../app/compose.ts';
import { readLogKeyNames } from '../../app/log-key-names.ts';
import { realClock } from '../../app/real.ts';
import { prefixWithin } from '../../core/route.ts';
import { isWhole } from '../../verify/part.ts';
import { runQuickVerify } from '../../verify/run-quick-verify.ts';
import { runVerify } from '../../verify/run-verify.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { ProgressNow } from '../../terminal/progress.ts';
import { readingNote } from '../../terminal/reading-note.ts';
import { renderQuickVerify } from '../../terminal/quick-verify-report.ts';
import { renderVerify } from '../../terminal/verify-report.ts';
import { checkRange, day, instant } from '../arguments.ts';
import { untilSignal } from '../until-signal.ts';
import { writeFileOf } from '../write-file.ts';
import { action, UsageError, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { Config } from '../../app/config.ts';
import type { Dataset } from '../../core/dataset.ts';
import type { FileEvent } from '../../core/file-event.ts';
import type { QualityCheck } from '../../verify/quality.ts';
import type { VerifyPart } from '../../verify/part.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & {
  prefix?: string;
  since?: number;
  until?: number;
  day?: number;
  quick?: true;
  keys?: string;
};

export function verifyCommand(io: Io): Command {
  const command = verb(
    'verify',
    'compare the tables, row by row, with a full reload of the bucket; exit code 1 on any difference or failed check of the data',
    [
      ['sparkify verify --local', 'against the bucket of the embedded stack'],
      ['sparkify verify --prefix log_data/2018/11/', 'reads one month of logs only'],
      ['sparkify verify --day 2018-11-15 --keys bad.txt', 'reads the logs of a day; writes the files that differ'],
      ['sparkify verify --quick', 'reads only the warehouse: rows of each file against the ledger'],
      ['sparkify verify --json', 'the differences for another program'],
    ],
  )
    .option('--prefix <prefix>', 'read only keys that begin with this')
    .option('--since <time>', 'read only objects stored at or after this time (UTC)', instant('--since'))
    .option('--until <time>', 'read only objects stored before this time (UTC)', instant('--until'))
    .option('--day <day>', 'read only logs that have events of this day (UTC)', day('--day'))
    .option('--quick', 'read no object: compare the rows of each object, by number and checksum, with the ledger')
    .option('--keys <file>', 'write the keys of the objects that differ to this file, one a line')
    .action(action<Options>(io, async (options) => await runVerifyCommand(options, io)));
  return withNotes(
    command,
    'The reload goes to a scratch schema, <schema>_verify_<run>, which is dropped afterwards. Objects that a consumer loads ' +
      'during the comparison are looked at again. Deleted files, and files whose current version cannot be read, cannot be ' +
      'reloaded: the report lists them with the number of their rows. For these files verify compares the number and the ' +
      'checksum of the rows, but not the values. They are not a difference: the exit code stays 0.\n\n' +
      'A part (--prefix, --since, --until, --day) is "consistent", never "equal": the rows of all other files are taken ' +
      'from the warehouse. A part by time does not list the files that are gone. With --day, any log that the ledger lacks is a ' +
      'difference, because its days are not known.',
  );
}

async function runVerifyCommand(options: Options, io: Io): Promise<ExitCode> {
  checkRange(options);
  const part: VerifyPart = {
    prefix: options.prefix ?? null,
    sinceMs: options.since ?? null,
    untilMs: options.until ?? null,
    dayMs: options.day ?? null,
  };
  if (options.quick === true) {
    if (!isWhole(part))
      throw new UsageError('--quick compares all objects: leave --prefix, --since, --until and --day out');
    return await quick(options, io);
  }
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse', 'copy']);
  throwOutside(part, config);
  return await untilSignal(io, 'stopping; the scratch schema is dropped …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const report = await runVerify({
      warehouse: openWarehouse(parts, config),
      library: parts.library,
      store: parts.store,
      bucket: config.bucket,
      schema: config.warehouse.schema,
      copyRoleArn: config.copy.roleArn,
      logKeyNames: await readLogKeyNames(parts.store, config.bucket.logJsonPaths, signal),
      part,
      runId: newRunId(),
      onStep: (sentence) => io.err(`verify: ${sentence}\n`),
      onReading: (dataset, files) => showReading(io, dataset, files),
      signal,
    });
    if (report.consistent && report.part !== null && report.logFiles + report.songFiles === 0)
      throw new UsageError(emptyPart(config));
    return tell(io, options, { report, keys: report.differingKeys, text: renderVerify(report) });
  });
}

async function quick(options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['warehouse']);
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const warehouse = openWarehouse(parts, config);
    const { library } = parts;
    const { schema } = config.warehouse;
    const report = await runQuickVerify({ warehouse, library, schema, runId: newRunId(), signal });
    const keys = report.differences.map(({ key }) => key);
    return tell(io, options, { report, keys, text: renderQuickVerify(report) });
  });
}

/** Prints a report and writes the keys that differ. @returns the exit code. */
function tell(
  io: Io,
  options: Options,
  result: {
    readonly report: { readonly consistent: boolean; readonly quality: readonly QualityCheck[] };
    readonly keys: readonly string[];
    readonly text: string;
  },
): ExitCode {
  const { keys, report, text } = result;
  if (options.keys !== undefined) writeFileOf('--keys', options.keys, keys.map((key) => `${key}\n`).join(''));
  io.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : text);
  return report.consistent && report.quality.every(({ outcome }) => outcome !== 'failed') ? 0 : 1;
}

function throwOutside({ dayMs, prefix }: VerifyPart, { bucket: { logPrefix, songPrefix } }: Config<'bucket'>): void {
  const datasets = dayMs === null ? [songPrefix, logPrefix] : [logPrefix];
  if (prefix === null || datasets.some((dataset) => prefixWithin(dataset, prefix) !== null)) return;
  throw new UsageError(`--prefix ${prefix}: expected a prefix of ${datasets.map((one) => `"${one}"`).join(' or ')}`);
}

function emptyPart({ bucket: { name } }: Config<'bucket'>): string {
  return `bucket ${name} has no object in this part; nothing was compared. Check --prefix, --since, --until and --day`;
}

/** Shows how many objects of a dataset have been read. */
function showReading(io: Io, dataset: Dataset, files: readonly FileEvent[]): (file: FileEvent) => void {
  const begin = realClock.nowMs();
  let done = 0;
  let bytes = 0;
  const note = (): string => readingNote({ files: done, bytes, ms: realClock.nowMs() - begin });
  const look = (): ProgressNow => ({ done, total: files.length, note: note() });
  const progress = files.length === 0 ? null : startProgress({ io, label: `verify: ${dataset}`, look });
  return ({ size }) => {
    done += 1;
    bytes += size;
    if (done === files.length) progress?.close();
  };
}
