import { Option } from 'commander';
import { processEnvironment, readConfig } from '../../app/config.ts';
import { answersPage } from '../../analyze/answers-page.ts';
import { listQuestions, runAnalyze } from '../../analyze/run-analyze.ts';
import { newRunId, openParts, openWarehouse } from '../../app/compose.ts';
import { renderAnswer } from '../../terminal/answers.ts';
import { realClock } from '../../app/real.ts';
import { checkRange, instant } from '../arguments.ts';
import { untilSignal } from '../until-signal.ts';
import { writeFileOf } from '../write-file.ts';
import { UsageError, action, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { Answer, Question } from '../../analyze/run-analyze.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { question?: string[]; since?: number; until?: number; html?: string };

export function analyzeCommand(io: Io): Command {
  return verb('analyze', "answer the analysts' questions from the star schema, as tables or as a page", [
    ['sparkify analyze --local', 'all questions, of the embedded stack'],
    ['sparkify analyze --question top_songs plays_by_hour', 'two of them'],
    ['sparkify analyze --html plays.html --since 2018-11-01', 'a page to print or to send, about the plays since then'],
    ['sparkify analyze --json > answers.json', 'for another program'],
  ])
    .option('--question <name...>', 'only these questions (a wrong name lists them)')
    .option('--since <time>', 'only plays at or after this time (UTC)', instant('--since'))
    .option('--until <time>', 'only plays before this time (UTC)', instant('--until'))
    .addOption(new Option('--html <file>', 'write the answers to this file as one page').conflicts('json'))
    .action(action<Options>(io, async (options) => await runAnalyzeCommand(options, io)));
}

async function runAnalyzeCommand(options: Options, io: Io): Promise<ExitCode> {
  checkRange(options);
  const config = readConfig(processEnvironment(), ['warehouse']);
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const questions = choose(listQuestions(parts.library), options.question);
    const plays = { sinceMs: options.since ?? null, untilMs: options.until ?? null };
    const answers = await runAnalyze({
      session: openWarehouse(parts, config).openSession(),
      library: parts.library,
      schema: config.warehouse.schema,
      questions,
      plays,
      token: `analyze-${newRunId()}`,
      signal,
    });
    if (options.html !== undefined) {
      const asked = { atMs: realClock.nowMs(), schema: config.warehouse.schema, plays };
      writeFileOf('--html', options.html, answersPage(answers, asked));
      io.out(`${options.html} has the answers to ${answers.length} questions.\n`);
      return 0;
    }
    io.out(
      options.json === true
        ? `${JSON.stringify(answers.map(withCamelNames), null, 2)}\n`
        : answers.map((answer) => renderAnswer(answer)).join('\n'),
    );
    return 0;
  });
}

/** As in all JSON that commands print: the names of columns in camel case. */
function withCamelNames({ columns, rows, ...answer }: Answer): Answer {
  const named = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([column, value]) => [camelCase(column), value])),
  );
  return { ...answer, columns: columns.map(camelCase), rows: named };
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function choose(all: readonly Question[], names: readonly string[] | undefined): readonly Question[] {
  if (names === undefined) return all;
  const unknown = names.filter((name) => !all.some((question) => question.name === name));
  if (unknown.length > 0) {
    const known = all.map((question) => question.name).join(', ');
    throw new UsageError(`--question ${unknown.join(' ')}: no such question; there are ${known}`);
  }
  return all.filter((question) => names.includes(question.name));
}
