import { processEnvironment, readConfig } from '../../app/config.ts';
import { listQuestions, runAnalyze } from '../../analyze/run-analyze.ts';
import { newRunId, openParts, openWarehouse } from '../../app/compose.ts';
import { renderAnswer } from '../../terminal/answers.ts';
import { untilSignal } from '../until-signal.ts';
import { UsageError, action, verb } from '../verb.ts';
import type { Command } from 'commander';
import type { Answer, Question } from '../../analyze/run-analyze.ts';
import type { CommonOptions, ExitCode } from '../verb.ts';
import type { Io } from '../../terminal/io.ts';

type Options = CommonOptions & { question?: string[] };

export function analyzeCommand(io: Io): Command {
  return verb('analyze', "answer the analysts' questions from the star schema, as tables", [
    ['sparkify analyze --local', 'all questions, of the embedded stack'],
    ['sparkify analyze --question top_songs plays_by_hour', 'two of them'],
    ['sparkify analyze --json > answers.json', 'for another program'],
  ])
    .option('--question <name...>', 'only these questions (a wrong name lists them)')
    .action(action<Options>(io, async (options) => await runAnalyzeCommand(options, io)));
}

async function runAnalyzeCommand(options: Options, io: Io): Promise<ExitCode> {
  const config = readConfig(processEnvironment(), ['warehouse']);
  return await untilSignal(io, 'stopping …', async (signal, closing) => {
    const parts = closing(openParts(config));
    const questions = choose(listQuestions(parts.library), options.question);
    const answers = await runAnalyze({
      session: openWarehouse(parts, config).openSession(),
      library: parts.library,
      schema: config.warehouse.schema,
      questions,
      token: `analyze-${newRunId()}`,
      signal,
    });
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
