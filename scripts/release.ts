import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * `npm run release -- 1.2.3`: on a clean main, runs the checks and the tests, gives the unreleased section of CHANGELOG.md the version
 * and the date, sets the version in package.json and package-lock.json, commits and tags. Pushes nothing.
 */
const HEADING = '## Unreleased';

const [version = ''] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version)) fail(`expected a version such as 1.2.3, found "${version}"`);
if (output('git', 'status', '--porcelain') !== '') fail('the working tree has changes: commit or stash them first');
const branch = output('git', 'branch', '--show-current');
if (branch !== 'main') fail(`a release is made of main, and this is "${branch}": switch to main`);
const changelog = readFileSync('CHANGELOG.md', 'utf8');
if (!changelog.includes(`${HEADING}\n`)) fail(`CHANGELOG.md has no section "${HEADING}": write what changed`);

run('npm', 'run', 'check');
run('npm', 'test');
const day = new Date().toISOString().slice(0, 10);
writeFileSync('CHANGELOG.md', changelog.replace(HEADING, `${HEADING}\n\n## ${version} (${day})`));
run('npm', 'version', version, '--no-git-tag-version');
run('git', 'commit', '--all', '--message', `release: ${version}`);
run('git', 'tag', '--annotate', `v${version}`, '--message', version);
process.stdout.write(`v${version} is tagged. "git push --follow-tags" publishes it.\n`);

function run(command: string, ...parameters: string[]): void {
  execFileSync(command, parameters, { stdio: 'inherit' });
}

function output(command: string, ...parameters: string[]): string {
  return execFileSync(command, parameters, { encoding: 'utf8' }).trim();
}

function fail(sentence: string): never {
  process.stderr.write(`release: ${sentence}.\n`);
  process.exit(2);
}
