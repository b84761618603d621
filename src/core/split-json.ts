/** A root-level JSON object of a file, as it stood there. */
export type JsonObject = { readonly text: string; readonly lineNumber: number };

/** Why a text is no sequence of JSON objects, and where, both counted from 1. */
export type JsonProblem = { readonly reason: string; readonly lineNumber: number; readonly columnNumber: number };

export type JsonPiece =
  | ({ readonly kind: 'object' } & JsonObject)
  /** The last piece: nothing behind it is looked at. */
  | { readonly kind: 'broken'; readonly code: 'json_invalid' | 'too_large'; readonly problem: JsonProblem };

/** Songs and events have a few dozen values. Sixteen megabytes can hold millions, which parsed take a gigabyte. */
const VALUES_PER_OBJECT = 10_000;
/** The parser takes some thousand levels; songs and events have one. */
const MAX_DEPTH = 1_000;

/**
 * Splits a file into its root-level objects, which are separated by white space only and may span lines (Redshift docs,
 * "COPY from JSON format"). Brackets around the objects or commas between them are refused, as COPY does. Each object is
 * known to parse, within bounds of values and depth. Piece by piece, because a few megabytes can hold a million objects.
 */
export function* splitJson(text: string): Generator<JsonPiece, void> {
  let [at, lineNumber] = [0, 1];
  const broken = (reason: string, offset: number, code: 'json_invalid' | 'too_large' = 'json_invalid'): JsonPiece => ({
    ...{ kind: 'broken', code },
    problem: { reason, ...place(text, offset) },
  });
  while (at < text.length) {
    const character = text[at] ?? '';
    if (isBlank(character)) {
      if (character === '\n') lineNumber += 1;
      at += 1;
      continue;
    }
    if (character !== '{') {
      yield broken(`${named(character)} stands where a JSON object should begin`, at);
      return;
    }
    const found = endOfObject(text, at);
    if (found === 'too_many_values') {
      yield broken(`an object holds more than ${VALUES_PER_OBJECT} values`, at, 'too_large');
      return;
    }
    if (typeof found === 'string') {
      yield broken(found === 'too_deep' ? 'is nested too deeply' : 'a JSON object begins here and does not end', at);
      return;
    }
    const object = text.slice(at, found);
    const problem = parseProblem(object);
    if (problem !== null) {
      yield broken(problem.reason, at + problem.offset);
      return;
    }
    yield { kind: 'object', text: object, lineNumber };
    lineNumber += lineEnds(object, object.length);
    at = found;
  }
}

/** The offset behind the brace that closes the object, or why there is none. What stands within strings does not count. */
function endOfObject(text: string, start: number): number | 'no_end' | 'too_deep' | 'too_many_values' {
  let [braces, depth, values] = [0, 0, 0];
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      if (character === '{') braces += 1;
      depth += 1;
      if (depth > MAX_DEPTH) return 'too_deep';
    } else if (character === ',') {
      values += 1;
      if (values >= VALUES_PER_OBJECT) return 'too_many_values';
    } else if (character === '}' || character === ']') {
      if (character === '}') braces -= 1;
      depth -= 1;
      if (braces === 0) return at + 1;
    }
  }
  return 'no_end';
}

function parseProblem(object: string): { reason: string; offset: number } | null {
  try {
    JSON.parse(object);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // V8 names the offset, where it can; without it the object's beginning is near enough.
    const offset = /at position (\d+)/.exec(message)?.[1];
    return { reason: 'is no valid JSON', offset: offset === undefined ? 0 : Number(offset) };
  }
}

function place(text: string, offset: number): { lineNumber: number; columnNumber: number } {
  const lineStart = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  return { lineNumber: lineEnds(text, offset) + 1, columnNumber: offset - lineStart + 1 };
}

/** Line ends before an offset; counted in place, because a list of the lines could be larger than the text. */
function lineEnds(text: string, before: number): number {
  let found = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < before; at = text.indexOf('\n', at + 1)) found += 1;
  return found;
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

function named(character: string): string {
  return JSON.stringify(character);
}
