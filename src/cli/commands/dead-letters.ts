import { newRunId, openParts } from '../../app/compose.ts';
import type { Parts } from '../../app/compose.ts';
import { endDeadLetters, listDeadLetters } from '../../app/compose-dead-letters.ts';
import type { DeadLetters } from '../../app/compose-dead-letters.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import type { Config } from '../../app/config.ts';
import { INTERRUPTED } from '../../app/lifecycle.ts';
import type { ExplainedLetter } from '../../core/intake/dead-letter.ts';
import { countOf } from '../../core/count-of.ts';
import { printable } from '../../core/printable.ts';
import { reason, wholeNumber } from '../arguments.ts';
import { renderDeadLetters } from '../../terminal/dead-letters.ts';
import { untilSignal } from '../until-signal.ts';
import { action, UsageError, verb, withNotes } from '../verb.ts';
import { writeFileOf } from '../write-file.ts';
import type { Command } from 'commander';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { max: number; reason?: string; all?: true; yes?: true; save?: string };

export function deadLettersCommand(io: Io): Command {
  const command = verb(
    'dead-letters',
    'list the messages on the dead-letter queue with the reason; redrive or delete them',
    [
      ['sparkify dead-letters --local', 'of the embedded stack; the messages stay'],
      [
        'sparkify dead-letters redrive --reason "moved by SQS"',
        'send the messages with this reason to the queue again',
      ],
      ['sparkify dead-letters delete 0f1c… 77ab…', 'delete these messages, and keep their bodies in a file'],
      ['sparkify dead-letters delete --all --yes --save letters.jsonl', 'delete all messages'],
    ],
  )
    .argument('[action]', 'redrive or delete; without it: list')
    .argument('[ids...]', 'ids of messages, as the list shows them')
    .option('--reason <text>', 'of redrive: the messages whose reason contains this text', reason('--reason'))
    .option('--all', 'of delete: all messages that are looked at, at most --max (needs --yes)')
    .option('--yes', 'confirm --all')
    .option('--save <file>', 'of delete: write the bodies to this new file (default: dead-letters-<run>.jsonl)')
    .option('--max <number>', 'maximum number of messages to look at', wholeNumber('--max', 1, 10_000), 100)
    .action(async (what: string | undefined, ids: string[], options: Options) => {
      await action<Options>(io, async (all) => await runDeadLettersCommand(what, ids, all, io))(options);
    });
  return withNotes(
    command,
    'Redrive messages after a repair of their cause; a message that is still unreadable comes back. Report messages of ' +
      'other programs to their sender. The command works with your credentials: the service may not read its dead-letter queue.',
  );
}

async function runDeadLettersCommand(
  what: string | undefined,
  ids: readonly string[],
  options: Options,
  io: Io,
): Promise<ExitCode> {
  const run = chosen(what, ids, options);
  const config = readConfig(processEnvironment(), ['queue']);
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const { code, text, value } = await run(closing(openParts(config)), config, signal);
    io.out(options.json === true ? `${JSON.stringify(value, null, 2)}\n` : text);
    // A signal makes the command end early.
    return signal.aborted ? INTERRUPTED : code;
  });
}

type Done = { readonly code: ExitCode; readonly value: object; readonly text: string };
type Run = (parts: Parts, config: Config<'queue'>, signal: AbortSignal) => Promise<Done>;

/** @throws UsageError for a wrong combination of arguments. */
function chosen(what: string | undefined, ids: readonly string[], options: Options): Run {
  switch (what) {
    case undefined:
      return async (parts, config, signal) => {
        const found = await listDeadLetters(parts, config, { max: options.max, signal });
        return { code: 0, value: found, text: renderDeadLetters(found, options.max) };
      };
    case 'redrive':
      return redrive(ids, options);
    case 'delete':
      return deletion(ids, options);
    default:
      throw new UsageError(`dead-letters ${printable(what)}: expected redrive or delete, or nothing for the list`);
  }
}

function redrive(ids: readonly string[], { max, reason }: Options): Run {
  if (ids.length > 0 === (reason !== undefined)) throw new UsageError('redrive: name ids, or --reason with a text');
  const isWanted = ({ messageId, reason: why }: ExplainedLetter): boolean =>
    reason === undefined ? ids.includes(messageId) : why.includes(reason);
  return async (parts, config, signal) => {
    const done = await endDeadLetters(parts, config, {
      max,
      signal,
      isWanted,
      isResent: true,
      before: () => undefined,
    });
    return described(done, ids, `sent again to ${config.queue.url}`);
  };
}

function deletion(ids: readonly string[], { all, max, save, yes }: Options): Run {
  if (ids.length > 0 === (all === true)) throw new UsageError('delete: name ids, or --all');
  if (all === true && yes !== true) throw new UsageError('delete --all deletes all messages: add --yes');
  const file = save ?? `dead-letters-${newRunId()}.jsonl`;
  const isWanted = ({ messageId }: ExplainedLetter): boolean => all === true || ids.includes(messageId);
  const before = (letters: readonly ExplainedLetter[]): void => {
    if (letters.length === 0) return;
    writeFileOf('--save', file, letters.map((letter) => `${JSON.stringify(letter)}\n`).join(''), 'wx');
  };
  return async (parts, config, signal) => {
    const done = await endDeadLetters(parts, config, { max, signal, isWanted, isResent: false, before });
    return described(done, ids, done.letters.length === 0 ? 'deleted' : `deleted; their bodies are in ${file}`);
  };
}

function described(done: DeadLetters, ids: readonly string[], how: string): Done {
  const ended = new Set(done.letters.map(({ messageId }) => messageId));
  const missing = ids.filter((id) => !ended.has(id));
  const lines = [
    `${countOf(done.letters.length, 'dead letter')} ${how}`,
    ...missing.map(
      (id) =>
        `${printable(id)} was not received: check the id, raise --max, or wait five minutes if another command has it`,
    ),
  ];
  return {
    code: missing.length > 0 ? 1 : 0,
    value: { ...done, missing },
    text: lines.map((line) => `${line}\n`).join(''),
  };
}
