import { Command, CommanderError, Option } from 'commander';
import { LOCAL_ENV_FILE, loadEnvironmentFile, processEnvironment } from '../app/config.ts';
import { INTERRUPTED } from '../app/lifecycle.ts';
import { loadStackOutputs } from '../app/stack-outputs.ts';
import { IngestError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { SettingsError } from '../settings/read-values.ts';
import type { Io } from '../terminal/io.ts';
import { LEAST_COLUMNS, remarked, wrapped } from '../terminal/width.ts';

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
    .addOption(new Option('--json', 'print the result, or the error, as JSON'))
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
  return new Command(name)
    .description(summary)
    .configureHelp({ minWidthToWrap: LEAST_COLUMNS })
    .addHelpText('after', ({ command }) => `\nExamples:\n${remarked(examples, helpColumns(command))}`);
}

/** Adds sentences below the help of a command; they follow the width of the terminal. */
export function withNotes(command: Command, notes: string): Command {
  return command.addHelpText('after', () => `\n${wrapped(notes, helpColumns(command))}`);
}

function helpColumns(command: Command): number {
  return command.configureOutput().getOutHelpWidth?.() ?? Number.POSITIVE_INFINITY;
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
      const code = await run(options);
      process.exitCode = code;
      if (code === INTERRUPTED && options.json === true) io.out(`${JSON.stringify({ error: CUT_SHORT })}\n`);
    } catch (error) {
      if (options.json === true) io.out(`${JSON.stringify({ error: errorForPrograms(error) })}\n`);
      process.exitCode = report(io, error);
    }
  };
}

const CUT_SHORT = { code: 'aborted', message: 'A signal ended the command early.' };

/** An error in the output of `--json`; `code` is one of docs/errors.md, or `usage` for wrong arguments. */
export function errorForPrograms(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof IngestError) return { code: error.code, message: error.message };
  if (error instanceof SettingsError) return { code: 'config_invalid', message: error.message };
  if (error instanceof UsageError || error instanceof CommanderError) return { code: 'usage', message: error.message };
  return { code: 'unknown', message: unexpected(error) };
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
