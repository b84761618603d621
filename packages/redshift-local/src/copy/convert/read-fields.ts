import { FieldError } from './field-error.ts';
import type { FieldNode, FieldTree } from './field-tree.ts';
import { unconfirmed } from './unconfirmed.ts';

/**
 * The values of a document's columns: `undefined` = not there, `null` = JSON null. Strings are decoded; numbers and
 * booleans keep their source text (`1540664184796.0` stays so); objects and arrays are JSON text. Columns that want
 * JSON (SUPER) get every value as JSON text.
 */
export type FieldValues = (string | null | undefined)[];

/**
 * Compiles the reader of one COPY. The text it is given must be well-formed JSON; `JSON.parse` has seen it before.
 *
 * @throws FieldError from the reader, when a path names an element that an array does not have.
 */
export function compileFieldReader(
  tree: FieldTree,
  wantsJson: readonly boolean[],
): (text: string, values: FieldValues) => void {
  let text = '';
  let values: FieldValues = [];

  const put = (node: FieldNode, start: number, end: number): void => {
    for (const column of node.columns) {
      if (unconfirmed.duplicateKey === 'first' && values[column] !== undefined) continue;
      values[column] = wantsJson[column] === true ? text.slice(start, end) : valueText(text, start, end);
    }
  };

  const readMembers = (node: FieldNode, start: number): number => {
    let at = skipBlanks(text, start + 1);
    while (text.charCodeAt(at) !== CLOSE_BRACE) {
      const keyEnd = endOfString(text, at);
      const key = stringValue(text, at, keyEnd);
      const wanted = node.members.get(tree.ignoreCase ? key.toLowerCase() : key);
      at = skipBlanks(text, skipBlanks(text, keyEnd) + 1);
      at = skipBlanks(text, wanted === undefined ? endOfValue(text, at) : read(wanted, at));
      if (text.charCodeAt(at) === COMMA) at = skipBlanks(text, at + 1);
    }
    return at + 1;
  };

  const readElements = (node: FieldNode, start: number): number => {
    let at = skipBlanks(text, start + 1);
    let index = 0;
    for (; text.charCodeAt(at) !== CLOSE_BRACKET; index += 1) {
      const wanted = node.elements.get(index);
      at = skipBlanks(text, wanted === undefined ? endOfValue(text, at) : read(wanted, at));
      if (text.charCodeAt(at) === COMMA) at = skipBlanks(text, at + 1);
    }
    for (const wanted of node.elements.keys()) if (wanted >= index) throw notAnArray();
    return at + 1;
  };

  const read = (node: FieldNode, start: number): number => {
    const first = text.charCodeAt(start);
    let end = 0;
    if (node.elements.size > 0) {
      if (first === OPEN_BRACKET) end = readElements(node, start);
      else if (first !== SMALL_N) throw notAnArray();
    }
    if (node.members.size > 0 && first === OPEN_BRACE) end = readMembers(node, start);
    if (end === 0) end = endOfValue(text, start);
    if (node.columns.length > 0) put(node, start, end);
    return end;
  };

  return (document, into) => {
    text = document;
    values = into;
    read(tree.root, skipBlanks(document, 0));
  };
}

function notAnArray(): FieldError {
  return new FieldError(unconfirmed.malformedJsonCode, 'Invalid JSONPath format: Not an array or index out of range.');
}

function valueText(text: string, start: number, end: number): string | null {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringValue(text, start, end);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return nestedText(text.slice(start, end));
  return first === SMALL_N ? null : text.slice(start, end);
}

function stringValue(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  if (!inner.includes('\\')) return inner;
  const value: unknown = JSON.parse(text.slice(start, end));
  return typeof value === 'string' ? value : inner;
}

function nestedText(source: string): string {
  if (unconfirmed.nestedText === 'source') return source;
  return source.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, quoted: string | undefined) => quoted ?? '');
}

/** Index behind the value that starts at `start`. */
function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(text, start);
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); ; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
}

function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    if (depth === 0) return at + 1;
  }
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isBlank(code);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const SMALL_N = 0x6e;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
