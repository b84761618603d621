import { markdownTable } from './page-parts.ts';

/** A column as the warehouse's catalogue and comments tell it. */
export type CatalogueColumn = {
  readonly table: string;
  /** The comment of the table. */
  readonly about: string | null;
  readonly column: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly isDistKey: boolean;
  /** Place in the sort key, from 1; 0: not in it. */
  readonly sortKey: number;
  readonly comment: string | null;
};

/** A section for each table, with a row for each column. */
export function tableSections(columns: readonly CatalogueColumn[]): string {
  return [...Map.groupBy(columns, ({ table }) => table)]
    .map(([table, own]) => {
      const rows = own.map((column) => [`\`${column.column}\``, typeOf(column), column.comment ?? '']);
      return `### ${table}\n\n${own[0]?.about ?? ''}\n\n${markdownTable(['column', 'type', 'meaning'], rows)}\n`;
    })
    .join('\n');
}

/** What the comments say about joins, as a Mermaid diagram of the given tables. */
export function tableDiagram(columns: readonly CatalogueColumn[], tables: readonly string[]): string {
  const shown = columns.filter(({ table }) => tables.includes(table));
  const joins = joinsOf(shown).filter(({ to }) => tables.includes(to));
  const boxes = tables.map((table) => {
    const lines = shown
      .filter((column) => column.table === table)
      .map(
        ({ column, type }) =>
          `    ${shortType(type)
            .replace(/\(.*\)/, '')
            .replaceAll(' ', '_')} ${column}`,
      );
    return [`  ${table} {`, ...lines, '  }'].join('\n');
  });
  const lines = joins.map(({ from, column, to }) => `  ${to} ||--o{ ${from} : ${column}`);
  return ['```mermaid', 'erDiagram', ...lines, ...boxes, '```'].join('\n');
}

type Join = { readonly from: string; readonly column: string; readonly to: string; readonly toColumn: string };

/** The joins that comments name: "Joins users.user_id." */
export function joinsOf(columns: readonly CatalogueColumn[]): readonly Join[] {
  return columns.flatMap(({ table, column, comment }) =>
    [...(comment ?? '').matchAll(/\bJoins (\w+)\.(\w+)\./g)].map(([, to = '', toColumn = '']) => ({
      from: table,
      column,
      to,
      toColumn,
    })),
  );
}

function typeOf({ type, isRequired, isDistKey, sortKey }: CatalogueColumn): string {
  const notes = [
    ...(isRequired ? ['not null'] : []),
    ...(isDistKey ? ['distribution key'] : []),
    ...(sortKey > 0 ? ['sort key'] : []),
  ];
  return [shortType(type), ...notes].join(', ');
}

function shortType(type: string): string {
  return type
    .replace('character varying', 'varchar')
    .replace('character', 'char')
    .replace('numeric', 'decimal')
    .replace(' without time zone', '');
}
