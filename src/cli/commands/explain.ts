import { openParts, routeSettings } from '../../app/compose.ts';
import { openCheckedLooking } from '../../app/compose-look.ts';
import { processEnvironment, readConfig } from '../../app/config.ts';
import { whyUnknown } from '../../app/why-unknown.ts';
import { printable } from '../../core/printable.ts';
import { explainMatches } from '../../look/explain-matches.ts';
import { explainPlay } from '../../look/explain-play.ts';
import { explainUser } from '../../look/explain-user.ts';
import { readFile } from '../../look/files.ts';
import { batchOf, renderMatches, renderPlay, renderUser } from '../../terminal/explain.ts';
import { renderFile } from '../../terminal/files.ts';
import { instant, wholeNumber } from '../arguments.ts';
import { objectArgument } from '../object-argument.ts';
import { untilSignal } from '../until-signal.ts';
import { action, UsageError, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { Parts } from '../../app/compose.ts';
import type { Config } from '../../app/config.ts';
import type { Looking } from '../../look/ask.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { objects?: true; since?: number; max: number };

/** The answer for programs, and for people. */
type Explained = { readonly value: object; readonly text: string };

type Asked = {
  readonly parts: Parts;
  readonly config: Config<'bucket' | 'warehouse'>;
  readonly looking: Looking;
  readonly options: Options;
};

export function explainCommand(io: Io): Command {
  return verb('explain', 'show where a row comes from, when it was loaded, and why a play has a song or not', [
    ['sparkify explain play 0123456789abcdef0123456789abcdef', 'by songplay_id'],
    ['sparkify explain user 26 --objects', 'with all files in which the user is'],
    ['sparkify explain file log_data/2018/11/2018-11-12-events.json', 'each stage of its load'],
    ['sparkify explain matches --since 2018-11-01', 'the share of plays by the reason why no song matches'],
  ])
    .argument('<what>', 'play, user, file or matches')
    .argument('[id]', 'the songplay_id, the user_id or the key')
    .option('--objects', 'of a user: list the files', undefined)
    .option('--since <time>', 'of matches: plays since this day or time', instant('--since'))
    .option('--max <number>', 'maximum number of files', wholeNumber('--max', 1, 10_000), 50)
    .action(async (what: string, id: string | undefined, options: Options) => {
      await action<Options>(io, async (all) => await runExplainCommand(what, id, all, io))(options);
    });
}

async function runExplainCommand(what: string, id: string | undefined, options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['bucket', 'warehouse']);
  const explain = explanation(what, id, config.bucket.name);
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const looking = await openCheckedLooking(parts, config, signal);
    const { text, value } = await explain({ parts, config, looking, options });
    io.out(options.json === true ? `${JSON.stringify(value, null, 2)}\n` : text);
    return 0;
  });
}

/** How to answer. Checks the arguments before the first question. @throws UsageError */
function explanation(what: string, id: string | undefined, bucket: string): (asked: Asked) => Promise<Explained> {
  switch (what) {
    case 'play':
      return playExplanation(id ?? '');
    case 'user':
      return userExplanation(id ?? '');
    case 'file': {
      const object = objectArgument(id ?? '', bucket);
      return async (asked) => await fileExplanation(asked, object);
    }
    case 'matches':
      if (id !== undefined) throw new UsageError('explain matches takes no id; --since narrows it');
      return async ({ looking, options }) => {
        const matches = await explainMatches(looking, options.since ?? 0);
        return { value: { matches }, text: renderMatches(matches) };
      };
    default:
      throw new UsageError(`explain ${printable(what)}: expected play, user, file or matches`);
  }
}

function playExplanation(id: string): (asked: Asked) => Promise<Explained> {
  if (!/^[0-9a-f]{32}$/.test(id)) {
    throw new UsageError(`explain play ${printable(id)}: expected a songplay_id, 32 hexadecimal digits in lower case`);
  }
  return async ({ looking }) => {
    const play = await explainPlay(looking, id);
    if (play === null) throw new UsageError(`songplays in schema "${looking.schema}" has no play ${id}`);
    return { value: play, text: renderPlay(play) };
  };
}

const BIGINT = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

function userExplanation(id: string): (asked: Asked) => Promise<Explained> {
  const isBigint = /^-?\d{1,19}$/.test(id) && BigInt(id) >= BIGINT.least && BigInt(id) <= BIGINT.most;
  if (!isBigint) throw new UsageError(`explain user ${printable(id)}: expected a user_id, a whole number`);
  return async ({ looking, options }) => {
    const user = await explainUser(looking, { userId: id, isWithObjects: options.objects === true, max: options.max });
    if (user === null) throw new UsageError(`users in schema "${looking.schema}" has no user ${id}`);
    return { value: user, text: renderUser(user, options.max) };
  };
}

async function fileExplanation(
  { config, looking, options, parts }: Asked,
  object: { readonly bucket: string; readonly key: string },
): Promise<Explained> {
  const file = await readFile(looking, object, options.max);
  if (file.versions.length === 0 && file.live === null) {
    throw new UsageError(await whyUnknown(parts.store, object, routeSettings(config), looking.signal));
  }
  const batch = file.live === null ? [] : batchOf(file.batch);
  return { value: file, text: [renderFile(file), ...batch, ''].join('\n') };
}
