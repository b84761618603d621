import { Command, CommanderError, Option } from 'commander';
import { LOCAL_ENV_FILE, loadEnvironmentFile, processEnvironment } from '../app/config.ts';
import { loadStackOutputs } from '../app/stack-outputs.ts';
import { IngestError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { SettingsError } from '../settings/read-values.ts';
import type { Io } from '../terminal/io.ts';

/** 0: done as asked. 1: failed, or a check that found something. 2: wrong usage or wrong settings. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Options of every command. */
export type CommonOptions = {
  readonly json?: true;
  readonly local?: true;
  readonly envFile?: string;
  readonly stackOutputs?: string;
};

/** A wrong combination of arguments: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * A command with the common options `--json`, `--local`, `--env-file` and `--stack-outputs`, and examples below the help.
 *
 * @param examples pairs of command line and what it does.
 */
export function verb(name: string, summary: string, examples: readonly (readonly [string, string])[]): Command {
  return plainVerb(name, summary, examples)
    .addOption(new Option('--json', 'print the result as JSON'))
    .addOption(new Option('--local', `use the embedded stack (settings from ${LOCAL_ENV_FILE})`))
    .addOption(new Option('--env-file <file>', 'read settings from this file; the environment wins'))
    .addOption(
      new Option('--stack-outputs <file>', 'use this stack (written by "npx pulumi stack output --json")').conflicts(
        'local',
      ),
    );
}

/** A command that starts a stack of its own and therefore reads no settings. */
export function plainVerb(name: string, summary: string, examples: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  ${line.padEnd(width)}   # ${what}`);
  return new Command(name).description(summary).addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/**
 * Wraps the body of a command: first loads the files with settings, then turns errors into one sentence and an exit code.
 */
export function action<O extends object>(io: Io, run: (options: O) => Promise<ExitCode>) {
  return async (options: O & CommonOptions): Promise<void> => {
    try {
      if (options.envFile !== undefined) loadEnvironmentFile(options.envFile);
      if (options.stackOutputs !== undefined) loadStackOutputs(options.stackOutputs);
      if (options.local === true) loadEnvironmentFile(LOCAL_ENV_FILE);
      process.exitCode = await run(options);
    } catch (error) {
      process.exitCode = report(io, error);
    }
  };
}

/** Prints an error with what to do; returns the exit code. */
export function report(io: Io, error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SettingsError || error instanceof UsageError) {
    io.err(`sparkify: ${error.message}\n`);
    return 2;
  }
  if (error instanceof IngestError) io.err(`sparkify: ${printable(error.message, '\n')} [${error.code}]\n`);
  else io.err(`sparkify: ${printable(unexpected(error), '\n')}\n`);
  if (processEnvironment()['SPARKIFY_LOG_LEVEL'] === 'debug') io.err(`${stackOf(error)}\n`);
  return 1;
}

function unexpected(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `unexpected: ${message} (SPARKIFY_LOG_LEVEL=debug shows where)`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
