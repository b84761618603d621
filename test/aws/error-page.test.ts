import { expect, it } from 'vitest';
import { BROKEN_CONNECTION, NAME_ROWS, NOT_CONNECTED, STATUS_ROWS } from '../../src/aws/error-names.ts';
import { DATA_API_TEXT_ROWS, STATEMENT_ROWS } from '../../src/aws/error-texts.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { OBJECT_TROUBLES } from '../../src/core/loading/object-trouble.ts';
import { ERROR_POLICY } from '../../src/core/verdict.ts';
import type { InLoad } from '../../src/core/verdict.ts';

const WHO: Readonly<Record<string, string>> = {
  any: 'any client',
  s3: 'S3',
  sqs: 'SQS',
  data_api: 'Data API',
  redshift: 'Redshift management',
};

/** Rows of calls that this program does not make are told by their number. */
const NAMES_SHOWN = 12;

type Line = { readonly from: string; readonly seen: string };

function lines(code: ErrorCode): readonly Line[] {
  const names = NAME_ROWS.filter((row) => row.code === code).map(({ from, names: all }) => ({
    from: WHO[from] ?? from,
    seen: `${all
      .slice(0, NAMES_SHOWN)
      .map((name) => `\`${name}\``)
      .join(', ')}${all.length > NAMES_SHOWN ? ` and ${all.length - NAMES_SHOWN} more` : ''}`,
  }));
  const connections = {
    from: WHO['any'] ?? '',
    seen: [...NOT_CONNECTED, ...BROKEN_CONNECTION].map((name) => `\`${name}\``).join(', '),
  };
  const statuses = STATUS_ROWS.filter((row) => row.code === code).map(({ from, range: [first, last] }) => ({
    from: WHO[from] ?? from,
    seen: `HTTP ${first === last ? String(first) : `${first} to ${last}`} with an error name that is not in this list`,
  }));
  const refusals = DATA_API_TEXT_ROWS.filter((row) => row.code === code).map(({ seen }) => ({
    from: 'Data API',
    seen: text(seen),
  }));
  const statements = STATEMENT_ROWS.filter((row) => row.code === code).map(({ seen }) => ({
    from: 'statement',
    seen: text(seen),
  }));
  return [...names, ...(code === 'endpoint_unreachable' ? [connections] : []), ...statuses, ...refusals, ...statements];
}

function text(seen: string): string {
  return `"${seen.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')}"`;
}

const IN_LOAD: Readonly<Record<InLoad, string>> = {
  publish_again: 'The loader publishes the batch again, 5 times at most.',
  publish_exactly: 'The loader publishes the batch again by the exact plan, once; then it starts the load over.',
  start_over: 'The loader starts the load over in a new session, 3 times at most.',
  halve:
    'The loader loads the batch in two halves, and so on, and quarantines a file that the warehouse refuses alone (`refused_by_warehouse`).',
  pass_on: '',
};

/** No consumer meets these errors. */
const OF_COMMANDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  object_exists: 'Only `sparkify generate` meets this error, and ends with it.',
  plan_changed: 'Only `sparkify retract` meets this error, and ends with it.',
  lineage_missing: 'Only `sparkify retract` meets this error, and ends with it.',
};

function whatFollows(code: ErrorCode): string {
  const verdict = ERROR_POLICY[code].then;
  const seconds = (ms: number): string => `${ms / 1000}`;
  switch (verdict.kind) {
    case 'stop':
      return OF_COMMANDS[code] ?? 'The consumer or the command stops.';
    case 'wait':
      return `The consumer pauses the intake and tries again after ${seconds(verdict.minMs)} to ${seconds(verdict.maxMs)} s, until it works.`;
    case 'retry':
      return `The consumer tries again after ${seconds(verdict.minMs)} to ${seconds(verdict.maxMs)} s, ${verdict.limit} times at most; then it stops.`;
  }
}

function page(): string {
  const codes = Object.keys(ERROR_POLICY) as ErrorCode[];
  const sections = codes.map((code) => {
    const rows = lines(code).map(({ from, seen }) => `| ${from} | ${seen} |`);
    const table = rows.length === 0 ? [] : ['', '| from | seen |', '|---|---|', ...rows];
    const follows = [IN_LOAD[ERROR_POLICY[code].inLoad], whatFollows(code)].filter((sentence) => sentence !== '');
    return [`## ${code}`, '', follows.join(' '), ...table, ''].join('\n');
  });
  return [
    '# Errors, by code',
    '',
    'How the service classifies the errors of S3, SQS, the Data API, the Redshift management API, failed statements and COPY, and what it does.',
    'Written by `npx vitest run test/aws/error-page.test.ts --update` from `src/aws/error-names.ts`, `src/aws/error-texts.ts` and `src/core/verdict.ts`.',
    'A code appears in the log, in the pause reasons of the status (`load: throttled`) and in the JSON output of a command that failed. An',
    'error never deletes a message: messages stay held while the intake is paused, for eleven hours at most, and are then released, as when the consumer stops.',
    'An error that is in no row is `unknown`. A file that the warehouse refuses is quarantined with `refused_by_warehouse`, an object that is',
    'overwritten repeatedly while it is being loaded with `object_changing`.',
    '',
    'An object that S3 does not deliver is quarantined alone after three attempts or a minute, as long as another object of its dataset can be',
    'read; `ingest_files.error_code` has one of these codes, and `sparkify backfill` tries the object again. If no other object can be read, the',
    'load ends with the error, or with `bucket_unreadable`. Where the table says `object_transport`, the notification of a deletion is released instead:',
    'if the object no longer exists, no backfill can find it. SQS delivers the notification again, after a longer delay each time.',
    '',
    '| error | of one object | what to do |',
    '|---|---|---|',
    ...Object.entries(OBJECT_TROUBLES).map(([code, own]) => `| \`${code}\` | \`${own.code}\` | ${own.advice} |`),
    '',
    ...sections,
  ].join('\n');
}

it('docs/errors.md says what the tables say', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/errors.md');
});
