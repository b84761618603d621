import { processEnvironment, readConfig } from '../../app/config.ts';
import { newRunId, openParts, openWarehouse } from '../../app/compose.ts';
import { readLogKeyNames } from '../../app/log-key-names.ts';
import { runVerify } from '../../verify/run-verify.ts';
import { renderVerify } from '../../terminal/verify-report.ts';
import { untilSignal } from '../until-signal.ts';
import { action, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

export function verifyCommand(io: Io): Command {
  const command = verb(
    'verify',
    'compare the tables, row by row, with a full reload of the bucket; exit code 1 on any difference',
    [
      ['sparkify verify --local', 'against the bucket of the embedded stack'],
      ['sparkify verify --json', 'the differences for another program'],
    ],
  ).action(action<CommonOptions>(io, async (options) => await runVerifyCommand(options, io)));
  return withNotes(
    command,
    'The reload goes to a scratch schema, <schema>_verify_<run>, which is dropped afterwards. Run verify while no files arrive: ' +
      'files that are loaded during the comparison show as differences. Deleted files, and files whose current version cannot ' +
      'be read, cannot be reloaded: the report lists them with the number of their rows. For these files verify compares the ' +
      'number and the checksum of the rows, but not the values. They are not a difference: the exit code stays 0.',
  );
}

async function runVerifyCommand(options: CommonOptions, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse', 'copy']);
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
      runId: newRunId(),
      onStep: (sentence) => io.err(`verify: ${sentence}\n`),
      signal,
    });
    io.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderVerify(report));
    return report.equal ? 0 : 1;
  });
}
