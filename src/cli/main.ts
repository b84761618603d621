import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
import { endWithParent } from '../app/end-with-parent.ts';
import { packageVersion } from '../app/package-version.ts';
import { VERBS } from './verbs.ts';
import { processIo } from '../terminal/io.ts';
import { LEAST_COLUMNS, columnsOf, remarked } from '../terminal/width.ts';

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
    .configureHelp({ minWidthToWrap: LEAST_COLUMNS })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'sparkify: ')) })
    .addHelpText('after', `\nFirst steps:\n${firstSteps()}`);
  for (const { group, name, needsEmbeddedStack, summary, load } of VERBS) {
    const command = argv[0] === name ? (await load())(processIo) : new Command(name).description(summary);
    program.addCommand(command.helpGroup(group), { hidden: needsEmbeddedStack === true && !hasEmbeddedStack() });
  }
  for (const command of program.commands) {
    command
      .copyInheritedSettings(program)
      .showHelpAfterError(`(run "sparkify ${command.name()} --help" for its options)`);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    const { errorForPrograms, report } = await import('./verb.ts');
    process.exitCode = report(processIo, error);
    if (process.exitCode !== 0 && argv.includes('--json')) {
      processIo.out(`${JSON.stringify({ error: errorForPrograms(error) })}\n`);
    }
  }
}

function firstSteps(): string {
  const help = ['sparkify <command> --help', 'what a command does, with examples'] as const;
  const demo = ['sparkify demo', 'the whole story in under a minute'] as const;
  return remarked(hasEmbeddedStack() ? [demo, help] : [help], columnsOf(process.stdout));
}

/** The packed program does not bring the embedded stack. */
function hasEmbeddedStack(): boolean {
  try {
    return import.meta.resolve('local-stack') !== '';
  } catch {
    return false;
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
endWithParent(process.env);
await main(process.argv.slice(2));
