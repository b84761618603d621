import { IngestError } from '../../core/errors.ts';
import { LOG_KEYS } from './fields.ts';
import type { LogKeyNames } from './judge-event.ts';

/** `$['key']` or `$.key`: a key of the object itself, as COPY reads a JSONPaths file. */
const TOP_LEVEL_PATH = /^\$(?:\['([^'[\]]+)'\]|\.([^.'[\]]+))$/;

const EXPECTED =
  `Expected {"jsonpaths": […]} with ${LOG_KEYS.length} paths of the form $['key'] or $.key, ` +
  `the keys of ${LOG_KEYS.join(', ')}, in this order.`;

/**
 * Under which keys the log files have each value, from the text of a JSONPaths file.
 *
 * @throws IngestError `config_invalid`, saying what the file holds and what is expected.
 */
export function readLogJsonPaths(text: string): LogKeyNames {
  const paths = pathsOf(text);
  if (paths.length !== LOG_KEYS.length) throw invalid(`holds ${paths.length} paths`);
  const places = new Map<string, number>();
  const names = LOG_KEYS.map((key, index) => {
    const name = keyOf(paths[index], index, key);
    const earlier = places.get(name.toLowerCase());
    if (earlier !== undefined) {
      throw invalid(
        `names the key "${name}" in the paths ${earlier + 1} and ${index + 1}; upper and lower case count as one`,
      );
    }
    places.set(name.toLowerCase(), index);
    return [key, name] as const;
  });
  return Object.fromEntries(names) as LogKeyNames;
}

function pathsOf(text: string): readonly unknown[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw invalid(`is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const paths =
    typeof content === 'object' && content !== null && 'jsonpaths' in content ? content.jsonpaths : undefined;
  if (!Array.isArray(paths)) throw invalid('lacks the list "jsonpaths"');
  return paths;
}

function keyOf(path: unknown, index: number, meaning: string): string {
  const match = typeof path === 'string' ? TOP_LEVEL_PATH.exec(path) : null;
  const key = match?.[1] ?? match?.[2];
  if (key === undefined) {
    throw invalid(
      `has ${JSON.stringify(path)} as path ${index + 1} (${meaning}), which does not name a key of the event itself`,
    );
  }
  return key;
}

function invalid(seen: string): IngestError {
  return new IngestError('config_invalid', `The JSONPaths file of the logs ${seen}. ${EXPECTED}`);
}
