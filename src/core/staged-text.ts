/** In every supported Node; TypeScript does not know it yet. A raw number is written by `JSON.stringify` as it was read. */
const { isRawJSON, rawJSON } = JSON as unknown as {
  rawJSON: (text: string) => object;
  isRawJSON: (value: unknown) => value is { readonly rawJSON: string };
};

/**
 * The members of a JSON object as a text column of staging gets them from COPY: texts decoded, numbers and booleans as
 * they are written (241.47546 is not the nearest double), objects and arrays as JSON without white space.
 *
 * @param object well-formed.
 * @returns the keys as they stand there, in their order; `null` when the object is nested too deeply to be walked
 *   (some thousand levels, which no song and no event has).
 */
export function stagedTexts(object: string): readonly (readonly [key: string, text: string | null])[] | null {
  try {
    const members = JSON.parse(object, keepNumberText) as Readonly<Record<string, unknown>>;
    return Object.entries(members).map(([key, value]) => [key, stagedText(value)] as const);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function keepNumberText(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? rawJSON(context.source) : value;
}

function stagedText(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  return isRawJSON(value) ? value.rawJSON : JSON.stringify(value);
}
