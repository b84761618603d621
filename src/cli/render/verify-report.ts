import { styleText } from 'node:util';
import { formatNumber, renderTable } from './table.ts';
import type { NamedObjects, UnreadFiles, VerifyReport } from '../../verify/run-verify.ts';

/** The comparison for a terminal: what was compared, what differs, and the verdict in one plain last line. */
export function renderVerify(report: VerifyReport): string {
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
  );
  return [
    `${tables}\n`,
    ...differences(report),
    ...unsettled(report),
    ...objects('Loaded files that are not in the bucket any more (their rows stay)', report.gone),
    ...objects('Log files of which another version was loaded before (its events stay)', report.overwritten),
    ...unreadFiles('Set aside as unreadable, and not read for the reload either', report.setAside),
    ...unreadFiles('Could not be read for the reload', report.unread),
    ...kept(report),
    verdict(report),
  ].join('\n');
}

/** "equal" or "different", and of what. */
function verdict(report: VerifyReport): string {
  const stream = process.stdout;
  const what = `${formatNumber(report.logFiles)} log files and ${formatNumber(report.songFiles)} song files`;
  if (report.equal) {
    const except =
      report.unread.length > 0
        ? `, except what ${formatNumber(report.unread.length)} objects hold that could not be read`
        : '';
    return `${styleText(['bold', 'green'], 'equal', { stream })}: all tables are what a full reload of ${what} gives${except}\n`;
  }
  const tables = report.tables.filter((table) => table.starOnly + table.reloadOnly + table.doubleKeys > 0);
  const names = tables.map(({ table }) => table).join(', ');
  return `${styleText(['bold', 'red'], 'different', { stream })} from a full reload of ${what}: ${names}\n`;
}

function differences(report: VerifyReport): string[] {
  const rows = report.tables.flatMap((table) => table.differences);
  if (rows.length === 0) return [];
  const cells = rows.map(({ table, key, column, star, reload }) => [table, key, column, short(star), short(reload)]);
  return ['First differences:', `${renderTable(['table', 'key', 'column', 'star', 'reload'], cells)}\n`];
}

function objects(title: string, named: NamedObjects): string[] {
  if (named.count === 0) return [];
  const more = named.count - named.examples.length;
  const rest = more > 0 ? [`  … and ${formatNumber(more)} more`] : [];
  return [`${title}:`, ...named.examples.map((key) => `  ${key}`), ...rest, ''];
}

/** What to do about objects that nothing has loaded. */
function unsettled({ tables }: VerifyReport): string[] {
  const files = tables.find(({ table }) => table === 'ingest_files')?.reloadOnly ?? 0;
  if (files === 0) return [];
  return [
    `The ledger is wrong about ${formatNumber(files)} objects of the bucket. "sparkify backfill" loads those that it does not know.`,
    '',
  ];
}

/** What the equality does not cover. */
function kept({ kept: { plays, songs, users } }: VerifyReport): string[] {
  if (plays + songs + users === 0) return [];
  const rows = `${formatNumber(plays)} plays, ${formatNumber(users)} users and ${formatNumber(songs)} songs`;
  return [`On trust, because what they came from is gone or cannot be read: ${rows}`, ''];
}

function unreadFiles(title: string, files: UnreadFiles): string[] {
  if (files.length === 0) return [];
  const more = files.length - 20;
  return [
    `${title}:`,
    ...files.slice(0, 20).map(({ key, reason }) => `  ${key}: ${short(reason)}`),
    ...(more > 0 ? [`  … and ${formatNumber(more)} more`] : []),
    '',
  ];
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
