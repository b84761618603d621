/** A root-level JSON object of a file, as it stood there. */
type JsonObject = { readonly text: string; readonly lineNumber: number };

/** Why a text is no sequence of JSON objects, and where, both counted from 1. */
export type JsonProblem = { readonly reason: string; readonly lineNumber: number; readonly columnNumber: number };

export type JsonPiece =
  | ({ readonly kind: 'object' } & JsonObject)
  /** The last piece: nothing behind it is looked at. */
  | { readonly kind: 'broken'; readonly problem: JsonProblem };

/**
 * Splits a file into its root-level objects, which are separated by white space only and may span lines (Redshift docs,
 * "COPY from JSON format"). Brackets around the objects or commas between them are refused, as COPY does. Each object is
 * known to parse. Piece by piece, because a few megabytes can hold a million objects.
 */
export function* splitJson(text: string): Generator<JsonPiece, void> {
  let [at, lineNumber] = [0, 1];
  const broken = (reason: string, offset: number): JsonPiece => ({
    kind: 'broken',
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
    const end = endOfObject(text, at);
    if (end === null) {
      yield broken('a JSON object begins here and does not end', at);
      return;
    }
    const object = text.slice(at, end);
    const problem = parseProblem(object);
    if (problem !== null) {
      yield broken(problem.reason, at + problem.offset);
      return;
    }
    yield { kind: 'object', text: object, lineNumber };
    lineNumber += object.split('\n').length - 1;
    at = end;
  }
}

/** The offset behind the brace that closes the object, `null` when there is none. Braces within strings do not count. */
function endOfObject(text: string, start: number): number | null {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
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
  const before = text.slice(0, offset).split('\n');
  return { lineNumber: before.length, columnNumber: (before.at(-1) ?? '').length + 1 };
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

function named(character: string): string {
  return JSON.stringify(character);
}
