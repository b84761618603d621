import { RedshiftError } from '../../errors/redshift-error.ts';

/** A member's name or an element's index. */
export type JsonPathStep = string | number;

/**
 * Reads a JSONPaths file (Redshift docs, COPY from JSON format): one object with the array `jsonpaths`. `null` when the
 * object does not have that key: COPY then silently behaves as with 'auto'.
 *
 * @throws RedshiftError when the file is anything else; MAXERROR does not apply to it.
 */
export function parseJsonPathsFile(text: string): readonly (readonly JsonPathStep[])[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new RedshiftError('XX000', 'Invalid JSONPaths file: it must hold exactly one JSON object', { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new RedshiftError('XX000', 'Invalid JSONPaths file: it must hold exactly one JSON object');
  }
  if (!('jsonpaths' in parsed)) return null;
  if (!Array.isArray(parsed.jsonpaths))
    throw new RedshiftError('XX000', 'Invalid JSONPaths file: "jsonpaths" must be an array');
  const paths = parsed.jsonpaths.map((path: unknown) => {
    if (typeof path === 'string' && path !== '') return path;
    throw new RedshiftError(
      'XX000',
      'Invalid JSONPath format: every element of "jsonpaths" must be a non-empty string',
    );
  });
  if (paths.some((path) => path.startsWith('$.')) && paths.some((path) => path.startsWith("$['"))) {
    throw new RedshiftError('XX000', 'Invalid JSONPath format: bracket and dot notation may not be mixed in one file');
  }
  return paths.map((path) => parseJsonPath(path));
}

/** `$['a']['b'][0]` or `$.a.b[0]`; no wildcards, filters or slices. */
function parseJsonPath(path: string): readonly JsonPathStep[] {
  if (!/^\$(?:(?:\['[^']*'\]|\[\d+\])+|(?:\.[^.'[\]*]+|\[\d+\])+)$/.test(path)) {
    throw new RedshiftError('XX000', `Invalid JSONPath format: '${path}'`, {
      detail: "Supported: $['name']['name'][0] or $.name.name[0].",
    });
  }
  const steps = path.matchAll(/\['([^']*)'\]|\[(\d+)\]|\.([^.[\]]+)/g);
  return [...steps].map(([, bracketed, index, dotted]) =>
    index === undefined ? (bracketed ?? dotted ?? '') : Number(index),
  );
}
