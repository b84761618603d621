import type { Node } from 'libpg-query';

import { isRecord } from './tree.ts';
import type { Body } from './tree.ts';

/** Fields whose value is a bare body, and the kind of that body; everything else nested is `{ Kind: body }`. */
const bareFields: Readonly<Record<string, string>> = {
  relation: 'RangeVar',
  view: 'RangeVar',
  rel: 'RangeVar',
  pktable: 'RangeVar',
  typeName: 'TypeName',
  over: 'WindowDef',
  alias: 'Alias',
  withClause: 'WithClause',
  larg: 'SelectStmt',
  rarg: 'SelectStmt',
  into: 'IntoClause',
  intoClause: 'IntoClause',
  collClause: 'CollateClause',
  join_using_alias: 'Alias',
  onConflictClause: 'OnConflictClause',
  returningClause: 'ReturningClause',
};

/** The value of a constant is also a bare body. */
const leafKinds = new Set(['A_Const', 'String', 'Integer', 'Float', 'Boolean', 'BitString']);

/** Called for every body, parents before children. */
export type Inspect = (kind: string, body: Body) => void;

/** Called for every body, children before parents; a returned node takes the place of a wrapped one. */
export type Replace = (kind: string, body: Body) => Node | undefined;

function inspect(kind: string, body: Body, visit: Inspect): void {
  visit(kind, body);
  if (leafKinds.has(kind)) return;
  // Long statements have a hundred thousand fields, nearly all of them primitive: those are passed over first.
  for (const field in body) {
    const value = body[field];
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) inspectChild(field, value as Body, visit);
    else for (const item of value as unknown[]) if (isRecord(item)) inspectChild(field, item, visit);
  }
}

function inspectChild(field: string, item: Body, visit: Inspect): void {
  const bare = bareFields[field];
  if (bare !== undefined && !isWrapped(item)) {
    inspect(bare, item, visit);
    return;
  }
  for (const childKind in item) {
    const child = item[childKind];
    if (isRecord(child)) inspect(childKind, child, visit);
  }
}

export function inspectNode(node: Node, visit: Inspect): void {
  for (const [kind, body] of Object.entries(node)) inspect(kind, body as Body, visit);
}

/** Rewrites a wrapped node in place and returns its replacement. */
export function transformNode(node: Node, replace: Replace): Node {
  const [kind, body] = Object.entries(node)[0] ?? [];
  if (kind === undefined || !isRecord(body)) return node;
  transformBody(kind, body, replace);
  return replace(kind, body) ?? node;
}

function transformBody(kind: string, body: Body, replace: Replace): void {
  if (leafKinds.has(kind)) return;
  for (const [field, value] of Object.entries(body)) {
    if (Array.isArray(value)) {
      body[field] = value.map((item: unknown) => (isRecord(item) ? transformNode(item as Node, replace) : item));
    } else if (isRecord(value)) {
      const bare = bareFields[field];
      if (bare !== undefined && !isWrapped(value)) {
        transformBody(bare, value, replace);
        replace(bare, value);
      } else {
        body[field] = transformNode(value as Node, replace);
      }
    }
  }
}

/** `{ RangeVar: {…} }`: one key, named like a kind. Bare bodies have lower-case field names. */
function isWrapped(value: Body): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && /^[A-Z]/.test(keys[0] ?? '');
}
