import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from './planted-bugs.ts';
import type { Catcher, PlantedBug } from './planted-bug.ts';
import type { Finding } from './run-catcher.ts';
import { runCatcher } from './run-catcher.ts';
import { WorkingCopy } from './working-copy.ts';

const HELP = `Plants mistakes in copies of the project, one at a time, and shows that the simulation or the tests notice each.

  npm run plant                      all of them; exit code 1 when one survives
  npm run plant -- --only "the lock" those whose name or file holds this text
  npm run plant -- --list            what there is, without running anything
  npm run plant -- --workers 1       one copy at a time (default: one for each core)

Before anything is planted, all that is to notice it is run on an unchanged copy, and has to pass.`;

type Verdict = { readonly bug: PlantedBug; readonly finding: Finding };

const write = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
      workers: { type: 'string', default: String(availableParallelism()) },
      help: { type: 'boolean', default: false },
    },
  });
  const bugs = PLANTED_BUGS.filter(({ file, name }) => `${name} ${file}`.includes(values.only));
  const workers = Number(values.workers);
  if (values.help || bugs.length === 0 || !Number.isSafeInteger(workers) || workers < 1) {
    write(bugs.length === 0 ? `No planted bug is called "${values.only}"; --list names them.` : HELP);
    return values.help ? 0 : 2;
  }
  if (values.list) {
    for (const bug of bugs) write(`${bug.name}\n    ${bug.file}; ${catcherText(bug.caughtBy)}`);
    write(`${bugs.length} planted bugs.`);
    return 0;
  }
  const copies = await Promise.all(
    Array.from({ length: Math.min(workers, bugs.length) }, async () => await WorkingCopy.make()),
  );
  try {
    return await plantAll(bugs, copies);
  } finally {
    await Promise.all(copies.map(async (copy) => await copy.remove()));
  }
}

async function plantAll(bugs: readonly PlantedBug[], copies: readonly WorkingCopy[]): Promise<number> {
  const unchanged = await runUnchanged(bugs, copies);
  if (unchanged.kind !== 'nothing') {
    write(`The project fails without any planted bug, so nothing can be shown:\n${findingText(unchanged)}`);
    return 1;
  }
  const left = [...bugs];
  const verdicts: Verdict[] = [];
  const work = async (copy: WorkingCopy) => {
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      const finding = await plant(copy, bug);
      verdicts.push({ bug, finding });
      write(`${verdictWord(finding)}  ${bug.name}\n            ${findingText(finding)}`);
    }
  };
  await Promise.all(copies.map(work));
  const noticed = verdicts.filter(({ finding }) => finding.kind === 'noticed').length;
  write(`\n${noticed} of ${bugs.length} planted bugs are noticed.`);
  for (const { bug, finding } of verdicts) {
    if (finding.kind !== 'noticed') write(`${verdictWord(finding)}  ${bug.name} (${bug.file})`);
  }
  return noticed === bugs.length ? 0 : 1;
}

async function plant(copy: WorkingCopy, bug: PlantedBug): Promise<Finding> {
  try {
    return await copy.withBug(bug, async () => await runCatcher(copy, bug.caughtBy));
  } catch (error) {
    return { kind: 'broken', why: String(error) };
  }
}

/** All catchers at once, half of them in each copy; a catcher that complains of sound code catches nothing. */
async function runUnchanged(bugs: readonly PlantedBug[], copies: readonly WorkingCopy[]): Promise<Finding> {
  const seeds = Math.max(0, ...bugs.map(({ caughtBy }) => (caughtBy.kind === 'simulation' ? caughtBy.seeds : 0)));
  const files = new Set(bugs.flatMap(({ caughtBy }) => (caughtBy.kind === 'tests' ? caughtBy.files : [])));
  const catchers: Catcher[] = seeds === 0 ? [] : [{ kind: 'simulation', seeds }];
  for (const file of files) catchers.push({ kind: 'tests', files: [file] });
  write(`Without a bug: ${seeds} seeds and ${files.size} test files.`);
  let found: Finding = { kind: 'nothing' };
  const work = async (copy: WorkingCopy) => {
    for (let next = catchers.shift(); next !== undefined && found.kind === 'nothing'; next = catchers.shift()) {
      const finding = await runCatcher(copy, next);
      if (finding.kind !== 'nothing') found = finding;
    }
  };
  await Promise.all(copies.map(work));
  return found;
}

function catcherText(catcher: Catcher): string {
  return catcher.kind === 'simulation' ? `simulation, ${catcher.seeds} seeds` : catcher.files.join(', ');
}

function verdictWord({ kind }: Finding): string {
  return { noticed: 'noticed ', nothing: 'SURVIVES', broken: 'BROKEN  ' }[kind];
}

function findingText(finding: Finding): string {
  switch (finding.kind) {
    case 'noticed':
      return finding.by.slice(0, 160);
    case 'nothing':
      return 'nothing notices it';
    case 'broken':
      return finding.why.slice(-3_000);
  }
}

process.exitCode = await main();
