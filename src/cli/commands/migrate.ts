import { processEnvironment, readConfig } from '../../app/config.ts';
import { openParts, openWarehouse } from '../../app/compose.ts';
import { realRandom } from '../../app/real.ts';
import { migrate } from '../../schema/migrate.ts';
import { answerTo } from '../confirm.ts';
import { untilSignal } from '../until-signal.ts';
import { action, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { MigrateResult } from '../../schema/migrate.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { reset?: true; yes?: true };

export function migrateCommand(io: Io): Command {
  return verb('migrate', 'create the tables, or upgrade them to this version of the program', [
    ['sparkify migrate --local', 'the tables of the embedded stack'],
    ['sparkify migrate', 'can be run again, and by two people at once'],
    ['sparkify migrate --reset --yes', 'drop all tables and their rows first'],
  ])
    .option('--reset', 'drop the tables with all rows, the ledger and all retractions first (asks, unless --yes)')
    .option('--yes', 'do not ask')
    .action(action<Options>(io, async (options) => await runMigrateCommand(options, io)));
}

async function runMigrateCommand(options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['warehouse']);
  const { readers, schema } = config.warehouse;
  if (options.reset === true && options.yes !== true && !(await confirmReset(schema, io))) {
    io.err('Nothing was changed.\n');
    return 1;
  }
  return await untilSignal(io, 'stopping; what is not committed is undone …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const warehouse = openWarehouse(parts, config);
    const result = await migrate(
      { warehouse, library: parts.library, random: realRandom, schema, readers },
      { reset: options.reset === true, signal },
    );
    io.out(options.json === true ? `${JSON.stringify(result, null, 2)}\n` : describe(result));
    return 0;
  });
}

async function confirmReset(schema: string, io: Io): Promise<boolean> {
  const question = `This drops the tables of sparkify in schema "${schema}" with all rows. Everything else in it stays.
Type the name of the schema to continue: `;
  const without = `--reset drops the tables in schema "${schema}" with all rows; add --yes when there is no terminal`;
  return (await answerTo(question, io, without)) === schema;
}

function describe(result: MigrateResult): string {
  const lines = result.applied.map(
    ({ name, by }) => `applied ${name}${by === 'another' ? ' (by another run, at the same time)' : ''}`,
  );
  const reset = result.wasReset ? [`dropped the tables in schema "${result.schema}"`] : [];
  const end = lines.length === 0 ? 'nothing to do: ' : '';
  return `${[...reset, ...lines, `${end}schema "${result.schema}" is at version ${result.version}`].join('\n')}\n`;
}
