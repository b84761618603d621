import { countOf } from '../core/count-of.ts';
import { styleText } from 'node:util';
import { failedChecks, renderQuality } from './quality-report.ts';
import { formatNumber, renderTable } from './table.ts';
import { columnsOf } from './width.ts';
import type { UnreadFiles, VerifyReport } from '../verify/report.ts';

/** The comparison for a terminal: tables, differences, and the verdict in the last line. */
export function renderVerify(report: VerifyReport, width = columnsOf(process.stdout)): string {
  const tables = renderTable(
    ['table', 'rows', 'rows in reload', 'only in star', 'only in reload', 'double keys'],
    report.tables.map((table) => [
      table.table,
      table.starRows,
      table.reloadRows,
      table.starOnly,
      table.reloadOnly,
      table.doubleKeys,
    ]),
    width,
  );
  return [
    `${tables}\n`,
    ...differences(report, width),
    ...unsettled(report),
    ...unreadFiles('Quarantined, and not readable for the reload either', report.quarantined),
    ...unreadFiles('Could not be read for the reload', report.unread),
    ...notCompared(report),
    ...withoutLineage(report),
    ...renderQuality(report.quality),
    `${verdict(report)}${failedChecks(report.quality)}\n`,
  ].join('\n');
}

/** "equal", "consistent" (a part) or "different", and of what. */
function verdict(report: VerifyReport): string {
  const stream = process.stdout;
  const what = `${countOf(report.logFiles, 'log file')} and ${countOf(report.songFiles, 'song file')}`;
  if (report.consistent) {
    const { notCompared, unread } = report;
    const excepted = [
      ...(notCompared.rows > 0 ? [`the values of ${countOf(notCompared.rows, 'row')}`] : []),
      ...(unread.length > 0 ? [`the contents of ${countOf(unread.length, 'object')} that could not be read`] : []),
    ];
    const except = excepted.length > 0 ? `, except ${excepted.join(' and ')}` : '';
    if (report.part !== null) {
      const word = styleText(['bold', 'green'], 'consistent', { stream });
      return `${word}: all tables match a reload of ${what}${except}; the rows of all other files were taken from the warehouse`;
    }
    return `${styleText(['bold', 'green'], 'equal', { stream })}: all tables match a full reload of ${what}${except}`;
  }
  const tables = report.tables.filter((table) => table.starOnly + table.reloadOnly + table.doubleKeys > 0);
  const names = tables.map(({ table }) => table).join(', ');
  return `${styleText(['bold', 'red'], 'different', { stream })} from a ${report.part === null ? 'full reload' : 'reload'} of ${what}: ${names}`;
}

function differences(report: VerifyReport, width: number): string[] {
  const rows = report.tables.flatMap((table) => table.differences);
  if (rows.length === 0) return [];
  const cells = rows.map(({ table, key, column, star, reload, time, user, file }) => [
    ...[table, key, column, short(star), short(reload)],
    ...[time, user, file],
  ]);
  const head = ['table', 'key', 'column', 'star', 'reload', 'time', 'user', 'file'];
  return ['First differences:', `${renderTable(head, cells, width)}\n`];
}

/** What to do about objects that the ledger lacks. */
function unsettled({ tables }: VerifyReport): string[] {
  const files = tables.find(({ table }) => table === 'ingest_files')?.reloadOnly ?? 0;
  if (files === 0) return [];
  return [
    `The ledger does not match ${countOf(files, 'object')} in the bucket. "sparkify backfill" loads the objects that it lacks.`,
    '',
  ];
}

/** What was not compared. */
function notCompared({ notCompared: { examples, files, rows } }: VerifyReport): string[] {
  if (files === 0) return [];
  const why = {
    gone: 'is no longer in the bucket',
    unread: 'its current version cannot be read',
    retracted: 'was retracted',
  };
  return [
    `${countOf(files, 'settled file')} cannot be reloaded; the star has ${countOf(rows, 'row')} of them. Their number and checksum for each file were ` +
      'compared (ingest_objects); the values of the rows cannot be compared:',
    ...examples.map((file) => `  ${file.key}: ${why[file.fate]}, ${countOf(file.rows, 'row')}`),
    ...andMore(files - examples.length),
    '',
  ];
}

/** What to do about rows without a source file. */
function withoutLineage({ withoutLineage: { plays, songs, users } }: VerifyReport): string[] {
  if (plays + songs + users === 0) return [];
  const rows = `${countOf(plays, 'play')}, ${countOf(users, 'user')} and ${countOf(songs, 'song')}`;
  return [
    `An earlier version of sparkify loaded rows without their source file: ${rows}. "sparkify backfill --reload" ` +
      'adds the source file to every row that is in the bucket. Other rows stay as they are and cannot be compared.',
    '',
  ];
}

function unreadFiles(title: string, files: UnreadFiles): string[] {
  if (files.length === 0) return [];
  return [
    `${title}:`,
    ...files.slice(0, 20).map(({ key, reason }) => `  ${key}: ${short(reason)}`),
    ...andMore(files.length - 20),
    '',
  ];
}

function andMore(files: number): string[] {
  return files > 0 ? [`  … and ${formatNumber(files)} more`] : [];
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
