import { openClusterControl, openParts } from '../../app/compose.ts';
import type { Parts } from '../../app/compose.ts';
import { openCheckedLooking } from '../../app/compose-look.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import type { Config } from '../../app/config.ts';
import { printable } from '../../core/printable.ts';
import { ask, numberOf, textOf, timeOrNull } from '../../look/ask.ts';
import { renderTable } from '../../terminal/table.ts';
import { answerTo } from '../confirm.ts';
import { untilSignal } from '../until-signal.ts';
import { action, UsageError, verb, withNotes } from '../verb.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { yes?: true };

const ACTIONS = ['status', 'pause', 'resume'] as const;

export function clusterCommand(io: Io): Command {
  const command = verb('cluster', 'show the status of the Redshift cluster, pause it or resume it', [
    ['sparkify cluster status --local', 'of the embedded stack'],
    ['sparkify cluster pause', 'lists the open transactions, and asks for the name of the cluster'],
    ['sparkify cluster resume', 'consumers resume automatically'],
  ])
    .argument('<action>', 'status, pause or resume')
    .option('--yes', 'pause without a question')
    .action(async (what: string, options: Options) => {
      await action<Options>(io, async (all) => await runClusterCommand(what, all, io))(options);
    });
  return withNotes(
    command,
    'A pause ends all sessions. A load that it interrupts is not committed; the consumer waits, and loads the files after ' +
      'the resume. The command works with your credentials: redshift:DescribeClusters, redshift:PauseCluster and ' +
      'redshift:ResumeCluster. A Serverless workgroup pauses automatically.',
  );
}

async function runClusterCommand(what: string, options: Options, io: Io): Promise<ExitCode> {
  const wanted = ACTIONS.find((one) => one === what);
  if (wanted === undefined) throw new UsageError(`cluster ${printable(what)}: expected status, pause or resume`);
  const config = readConfig(processEnvironment(), ['warehouse']);
  const { clusterIdentifier: name } = config.warehouse;
  if (name === null) throw new UsageError('a Serverless workgroup pauses and resumes automatically; nothing to do');
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const control = await openClusterControl(parts, name);
    if (wanted === 'pause') {
      const sessions = await openTransactions(parts, config, signal);
      io.err(sessions.length === 0 ? 'No open transactions are visible to this user.\n' : `${table(sessions)}\n`);
      if (options.yes !== true && !(await isConfirmed(name, io))) {
        io.err('Nothing was changed.\n');
        return 1;
      }
      await control.pause();
    }
    if (wanted === 'resume') await control.resume();
    const status = await control.status();
    const rows = Object.entries(status).map(([label, value]) => [label, value]);
    io.out(options.json === true ? `${JSON.stringify(status, null, 2)}\n` : `${renderTable(['', ''], rows)}\n`);
    return 0;
  });
}

type Session = { readonly pid: number; readonly owner: string; readonly since: string | null };

async function openTransactions(
  parts: Parts,
  config: Config<'warehouse'>,
  signal: AbortSignal,
): Promise<readonly Session[]> {
  const looking = await openCheckedLooking(parts, config, signal);
  const { sessions } = await ask(looking, { sessions: { file: '44_transactions.sql' } });
  return sessions.map((row) => ({
    pid: numberOf(row, 'pid'),
    owner: textOf(row, 'owner'),
    since: timeOrNull(row, 'since'),
  }));
}

function table(sessions: readonly Session[]): string {
  const rows = sessions.map(({ owner, pid, since }) => [pid, owner, since]);
  return renderTable(['session', 'user', 'transaction since'], rows);
}

async function isConfirmed(name: string, io: Io): Promise<boolean> {
  const without = 'cluster pause asks for the name of the cluster, and there is no terminal to ask on: add --yes';
  return (await answerTo(`Type the name of the cluster (${name}) to pause it: `, io, without)) === name;
}
