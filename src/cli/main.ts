import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../app/package-version.ts';
import { VERBS } from './verbs.ts';
import { processIo } from '../terminal/io.ts';

/**
 * The program. Loads only the module of the requested verb, so that `sparkify --help` is fast.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('sparkify')
    .description('Keeps a star schema in Amazon Redshift equal to the JSON files in a bucket.')
    .version(packageVersion())
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'sparkify: ')) })
    .addHelpText(
      'after',
      '\nFirst steps:\n  sparkify demo            # the whole story in under a minute\n  sparkify <verb> --help   # what a verb does, with examples',
    );
  for (const { name, summary, load } of VERBS) {
    program.addCommand(argv[0] === name ? (await load())(processIo) : new Command(name).description(summary));
  }
  for (const command of program.commands) {
    command
      .copyInheritedSettings(program)
      .showHelpAfterError(`(run "sparkify ${command.name()} --help" for its options)`);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else process.exitCode = (await import('./verb.ts')).report(processIo, error);
  }
}

// `sparkify analyze | head` closes standard output early, which is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Compiles modules once per checkout instead of once per start, which halves the start time and saves memory. The cache lies in
// node_modules; without write access there is none.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/sparkify'));
await main(process.argv.slice(2));
