import { z } from 'zod';

/** One setting of the service or the stack: how its text is read, what is expected of the text, its default. */
export type Definition<T = unknown> = {
  /** The names that `Pulumi.yaml` has for types; it has none for `number`. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  /** `null`: none. A setting that is not set is then `null`. */
  readonly default: string | number | boolean | readonly string[] | null;
  /** Completes "expected …". */
  readonly expected: string;
  /** Reads the text. */
  readonly schema: z.ZodType<T>;
  /** Masked in messages. */
  readonly secret?: boolean;
};

type Text = { readonly expected: string; readonly pattern: RegExp };

/** A text with a default. */
export function text({ expected, pattern, ...rest }: Text & { readonly default: string }): Definition<string> {
  return { type: 'string', ...rest, expected, schema: z.string().regex(pattern) };
}

/** A text that may be left out. */
export function optionalText(input: Text & { readonly secret?: boolean }): Definition<string | null> {
  const { expected, pattern, ...rest } = input;
  return {
    type: 'string',
    ...rest,
    default: null,
    expected: `${expected}, or nothing`,
    schema: z.string().regex(pattern),
  };
}

/** A text without a default: whoever uses the setting requires it. */
export function requiredText({ expected, pattern }: Text): Definition<string | null> {
  return { type: 'string', default: null, expected, schema: z.string().regex(pattern) };
}

/** One word of a few. */
export function choice<const W extends string>(input: {
  readonly words: readonly W[];
  readonly default: W;
}): Definition<W> {
  const { words } = input;
  return { type: 'string', default: input.default, expected: `one of ${words.join(', ')}`, schema: z.enum(words) };
}

/** A whole number between bounds. */
export function integer(input: {
  readonly what: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
}): Definition<number> {
  const { what, min, max } = input;
  return {
    type: 'integer',
    default: input.default,
    expected: `${what}, a whole number from ${min} to ${max}`,
    schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(min).max(max)),
  };
}

/** A share or a multiple. */
export function decimal(input: {
  readonly what: string;
  readonly max: number;
  readonly default: number;
}): Definition<number> {
  const { what, max } = input;
  const number = z.string().regex(/^\d+(\.\d+)?$/);
  return {
    type: 'number',
    default: input.default,
    expected: `${what}, a number from 0 to ${max}`,
    schema: number.transform(Number).pipe(z.number().max(max)),
  };
}

/** Yes or no. */
export function flag(input: { readonly default: boolean }): Definition<boolean> {
  return {
    type: 'boolean',
    default: input.default,
    expected: 'true or false',
    schema: z.enum(['true', 'false']).transform((word) => word === 'true'),
  };
}

/** A list of texts, in JSON. */
export function list({ expected, pattern }: Text): Definition<readonly string[]> {
  return {
    type: 'array',
    default: [],
    expected: `a list, each ${expected}`,
    schema: jsonList.pipe(z.array(z.string().regex(pattern))),
  };
}

/** A list of `name=value` in JSON, read as a record. */
export function pairs({ expected, pattern }: Text): Definition<Readonly<Record<string, string>>> {
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
    expected: `a list of different names, each ${expected}`,
    schema: jsonList.pipe(distinct).transform((all): Record<string, string> => Object.fromEntries(all)),
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

/** The default as a text; empty for none. */
export function defaultText({ default: fallback }: Definition): string {
  return typeof fallback === 'object' ? (fallback === null ? '' : JSON.stringify(fallback)) : String(fallback);
}
