import type { JsonPathStep } from './json-path.ts';

/** The columns that take the value at a place of the document, and the columns for the places below it. */
export type FieldNode = {
  readonly columns: number[];
  readonly members: Map<string, FieldNode>;
  readonly elements: Map<number, FieldNode>;
};

export type FieldTree = { readonly root: FieldNode; readonly ignoreCase: boolean };

/** 'auto': each top-level key to the column of the same name; `ignoreCase` folds the keys. */
export function autoFieldTree(columnNames: readonly string[], ignoreCase: boolean): FieldTree {
  return { root: pathsToNode(columnNames.map((name) => [name])), ignoreCase };
}

/** JSONPaths: the n-th path to the n-th column. */
export function pathFieldTree(paths: readonly (readonly JsonPathStep[])[]): FieldTree {
  return { root: pathsToNode(paths), ignoreCase: false };
}

/** 'noshred': the whole document to the only column. */
export function wholeDocumentTree(): FieldTree {
  return { root: pathsToNode([[]]), ignoreCase: false };
}

function pathsToNode(paths: readonly (readonly JsonPathStep[])[]): FieldNode {
  const root = emptyNode();
  for (const [column, path] of paths.entries()) {
    let node = root;
    for (const step of path) node = typeof step === 'number' ? child(node.elements, step) : child(node.members, step);
    node.columns.push(column);
  }
  return root;
}

function child<Key>(children: Map<Key, FieldNode>, key: Key): FieldNode {
  const found = children.get(key);
  if (found !== undefined) return found;
  const node = emptyNode();
  children.set(key, node);
  return node;
}

function emptyNode(): FieldNode {
  return { columns: [], members: new Map(), elements: new Map() };
}
