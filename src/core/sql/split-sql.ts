/** A statement of an SQL file, without its comments, and the names of the placeholders in it. */
export type SqlTemplate = { readonly text: string; readonly placeholders: readonly string[] };

type Token = { readonly kind: 'code' | 'quoted' | 'comment' | 'end'; readonly text: string };

// Quoted text may hold the other tokens; a quote within quotes is doubled.
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^'"/;-]+|[\s\S]/g;
/** `{{name}}`, or `{{column in name}}`. */
export const PLACEHOLDER = /\{\{(?:([a-z_.]+) in )?([a-z_]+)\}\}/g;

/**
 * Splits a file into its statements at the semicolons outside quotes and comments.
 *
 * @throws Error when a placeholder stands within quotes (it would be quoted twice) or a quote is not closed.
 */
export function splitSql(source: string): readonly SqlTemplate[] {
  const statements: SqlTemplate[] = [];
  let text = '';
  for (const token of tokens(source)) {
    if (token.kind === 'quoted' && token.text.includes('{{')) {
      throw new Error(
        `The placeholder in ${token.text} is within quotes; remove the quotes, because the loader adds its own.`,
      );
    }
    if (token.kind === 'end') {
      statements.push(template(text));
      text = '';
    } else if (token.kind === 'comment') text += ' ';
    else text += token.text;
  }
  return [...statements, template(text)].filter((statement) => statement.text !== '');
}

function* tokens(source: string): Iterable<Token> {
  for (const [text] of source.matchAll(TOKEN)) {
    if (text === "'" || text === '"') throw new Error(`A ${text} is not closed.`);
    if (text === ';') yield { kind: 'end', text };
    else if (text.startsWith('--') || text.startsWith('/*')) yield { kind: 'comment', text };
    else yield { kind: /^['"]/.test(text) ? 'quoted' : 'code', text };
  }
}

function template(text: string): SqlTemplate {
  const trimmed = text.replaceAll(/[ \t]+$/gm, '').trim();
  const placeholders = new Set([...trimmed.matchAll(PLACEHOLDER)].map((match) => match[2] ?? ''));
  return { text: trimmed, placeholders: [...placeholders] };
}
