import { z } from 'zod';

/**
 * One setting of the stack: how the text that the Pulumi CLI hands over is read, what is expected of it, its default.
 * `Pulumi.yaml` declares the same types, defaults and descriptions; a test holds the two together.
 */
export type Definition<T = unknown> = {
  /** Type in `Pulumi.yaml`: the CLI refuses what does not fit before the program starts. */
  readonly type: 'string' | 'integer' | 'boolean' | 'array';
  readonly default: string | number | boolean | readonly string[];
  readonly description: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** Parses the text of the setting. */
  readonly schema: z.ZodType<T>;
};

type Text = { readonly description: string; readonly expected: string; readonly pattern: RegExp };

/** A text that must be there. */
export function text(input: Text & { readonly default: string }): Definition<string> {
  const { description, expected, pattern } = input;
  return { type: 'string', default: input.default, description, expected, schema: z.string().regex(pattern) };
}

/** A text that may be left out; empty, as the CLI cannot leave out a declared setting, it reads as `null`. */
export function optionalText({ description, expected, pattern }: Text): Definition<string | null> {
  const schema = z.union([z.literal('').transform(() => null), z.string().regex(pattern)]);
  return { type: 'string', default: '', description, expected: `${expected}, or nothing`, schema };
}

/** One word of a few. */
export function choice<const W extends string>(input: {
  readonly description: string;
  readonly words: readonly W[];
  readonly default: W;
}): Definition<W> {
  const { description, words } = input;
  return {
    type: 'string',
    default: input.default,
    description,
    expected: `one of ${words.join(', ')}`,
    schema: z.enum(words),
  };
}

/** A whole number between bounds. */
export function integer(input: {
  readonly description: string;
  readonly what: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
}): Definition<number> {
  const { description, what, min, max } = input;
  return {
    type: 'integer',
    default: input.default,
    description,
    expected: `${what}, a whole number from ${min} to ${max}`,
    schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(min).max(max)),
  };
}

/** Yes or no. */
export function flag(input: { readonly description: string; readonly default: boolean }): Definition<boolean> {
  return {
    type: 'boolean',
    default: input.default,
    description: input.description,
    expected: 'true or false',
    schema: z.enum(['true', 'false']).transform((word) => word === 'true'),
  };
}

/** A list of texts, as the CLI hands it over: JSON. */
export function list(input: Text): Definition<readonly string[]> {
  const { description, expected, pattern } = input;
  return {
    type: 'array',
    default: [],
    description,
    expected: `a list, each ${expected}`,
    schema: jsonList.pipe(z.array(z.string().regex(pattern))),
  };
}

/** A list of `name=value`, read as a record. */
export function pairs<T>(
  input: Text & { readonly value: z.ZodType<T, string> },
): Definition<Readonly<Record<string, T>>> {
  const { description, expected, pattern } = input;
  const entries = z.array(z.string().regex(pattern)).transform((texts) =>
    texts.map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const distinct = entries.refine((all) => new Set(all.map(([name]) => name)).size === all.length);
  return {
    type: 'array',
    default: [],
    description,
    expected: `a list of different names, each ${expected}`,
    schema: jsonList
      .pipe(distinct)
      .transform((all) => Object.fromEntries(all))
      .pipe(z.record(z.string(), input.value)),
  };
}

const jsonList = z.string().transform((json, context): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
});

/** The default as the CLI would hand it over. */
export function defaultText(definition: Definition): string {
  return typeof definition.default === 'object' ? JSON.stringify(definition.default) : String(definition.default);
}
