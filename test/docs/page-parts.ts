import { splitSql } from '../../src/core/sql/split-sql.ts';

/**
 * Parts of a page that a test writes. A part stands between `<!-- name -->` with prettier's "ignore" marks; an answer is the first
 * fenced block without a language behind a block of SQL.
 */

/** The page with the part's text replaced. @throws Error when the page does not have the part. */
export function withPart(page: string, name: string, text: string): string {
  const part = new RegExp(
    `(<!-- ${name} -->\n<!-- prettier-ignore-start -->\n)[\\s\\S]*?(<!-- prettier-ignore-end -->\n)`,
  );
  if (!part.test(page)) throw new Error(`The page lacks the part <!-- ${name} -->.`);
  return page.replace(part, (_, begin: string, end: string) => `${begin}\n${text.trim()}\n\n${end}`);
}

/** The statements of each block of SQL in a page, in order. */
export function queriesOf(page: string): readonly (readonly string[])[] {
  return [...page.matchAll(/^```sql\n([\s\S]*?)^```$/gm)].map(([, sql = '']) => splitSql(sql).map(({ text }) => text));
}

/** The page with new answers behind its queries, in order. Queries without an answer keep none. */
export function withAnswers(page: string, answers: readonly string[]): string {
  let at = 0;
  return page.replaceAll(/(^```sql\n[\s\S]*?^```\n)(\n```\n[\s\S]*?^```\n)?/gm, (_, query: string, old?: string) => {
    const answer = answers[at] ?? '';
    at += 1;
    return old === undefined ? query : `${query}\n\`\`\`\n${answer}\n\`\`\`\n`;
  });
}

/** A Markdown table. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
