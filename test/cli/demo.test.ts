import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SparkifyProcess, runSparkify } from '../support/sparkify-process.ts';

let elsewhere: string;
let temporary: string;

beforeEach(() => {
  elsewhere = mkdtempSync(join(tmpdir(), 'sparkify-demo-test-'));
  // A temporary folder of its own, to see that the demo leaves nothing in it.
  temporary = mkdtempSync('/tmp/sdt-');
});
afterEach(() => {
  rmSync(elsewhere, { recursive: true });
  rmSync(temporary, { recursive: true });
});

function demo(...options: string[]): SparkifyProcess {
  return new SparkifyProcess({
    args: ['demo', ...options],
    environment: {
      TMPDIR: temporary,
      // What a person may have in the shell must not lead the demo to a real account.
      AWS_PROFILE: 'production',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
      SPARKIFY_BUCKET: 'the-real-one',
    },
    workingDirectory: elsewhere,
    ownGroup: true,
  });
}

/** Processes whose working directory, arguments or data are of this demo. */
function processesLeft(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.includes(temporary) || command.includes(elsewhere);
      } catch {
        return false;
      }
    });
}

test.each([
  ['while the servers start', 'An S3, an SQS'],
  ['while files arrive', 'arrive in the bucket'],
])(
  'Ctrl-C %s leaves no process and no file',
  async (_when, line) => {
    const process = demo();
    try {
      await process.waitFor(line, ({ text }) => (text.includes(line) ? true : undefined), 90_000);
      process.killGroup('SIGINT');
      const end = await process.end;
      expect(end.code, process.text).toBe(130);
    } finally {
      await process.dispose();
    }
    expect(processesLeft()).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  },
  120_000,
);

test('tells the whole story, which ends with "equal"; --keep leaves it running with a file of settings that other commands use, until Ctrl-C', async () => {
  const process = demo('--keep');
  try {
    await process.waitFor(
      'the end',
      ({ text }) => (text.includes('Ctrl-C stops everything') ? true : undefined),
      90_000,
    );
    expect(process.text).toMatch(/\d+ earlier plays were repaired/);
    expect(process.text).toContain('0 rows written: nothing changed');
    expect(process.text).toMatch(/[\d,]+ ms from the upload to the committed row/);
    expect(process.text).toContain('equal: all tables match a full reload');
    const settings = join(elsewhere, '.sparkify', 'demo.env');
    const analyzed = await runSparkify({
      args: ['analyze', '--question', 'totals', '--env-file', settings],
      environment: {},
      workingDirectory: elsewhere,
    });
    expect(analyzed.code, analyzed.stderr).toBe(0);
    expect(analyzed.stdout).toContain('plays');
    process.killGroup('SIGINT');
    expect((await process.end).code).toBe(0);
    expect(existsSync(settings)).toBe(false);
    expect(readdirSync(join(elsewhere, '.sparkify'))).toEqual([]);
  } finally {
    await process.dispose();
  }
  expect(processesLeft()).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}, 180_000);
