import { defaultText } from './kinds.ts';
import type { Definition } from './kinds.ts';
import { nearestName } from './nearest-name.ts';

/** A list of settings, by name. */
type Definitions = Readonly<Record<string, Definition>>;

/** What the settings of a list are once read. */
export type ValuesOf<D extends Definitions> = {
  readonly [N in keyof D]: D[N] extends Definition<infer T> ? T : never;
};

/** Where settings come from: texts, and the names that are set. */
export type SettingsSource = { get(name: string): string | undefined; names(): readonly string[] };

/** One wrong setting. */
export type SettingProblem = { readonly name: string; readonly sentence: string };

/** All problems with settings at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly SettingProblem[];

  /**
   * @param words.of completes "1 setting … is wrong".
   * @param words.advice stands behind it.
   */
  constructor(problems: readonly SettingProblem[], words: { readonly of?: string; readonly advice?: string } = {}) {
    const of = words.of === undefined ? '' : ` ${words.of}`;
    const advice = words.advice === undefined ? '' : ` ${words.advice}`;
    const count = problems.length === 1 ? `1 setting${of} is wrong` : `${problems.length} settings${of} are wrong`;
    super([`${count}${advice}:`, ...problems.map(({ name, sentence }) => `  ${name}: ${sentence}`)].join('\n'));
    this.problems = problems;
  }
}

/**
 * Reads the settings of a list, and finds all problems at once.
 *
 * @param rules.check finds contradictions between settings. A setting with a wrong value has its default there, its name is in
 *   `wrong`, and what is found about it is left out: one problem is reported once.
 * @param rules.oldSentence what became of a name that is not in the list; `null` for other names.
 * @returns values to use only when there is no problem.
 */
export function readValues<D extends Definitions>(
  definitions: D,
  source: SettingsSource,
  rules: {
    readonly check: (values: ValuesOf<D>, wrong: ReadonlySet<string>) => readonly SettingProblem[];
    readonly oldSentence?: (name: string) => string | null;
  },
): { readonly values: ValuesOf<D>; readonly problems: readonly SettingProblem[] } {
  const known = Object.keys(definitions);
  const unknown = source.names().filter((name) => !Object.hasOwn(definitions, name));
  const problems = unknown.map((name) => ({
    name,
    sentence: rules.oldSentence?.(name) ?? unknownSentence(name, known),
  }));
  const entries = Object.entries(definitions).map(([name, definition]) => {
    const { value, sentence } = readValue(definition, source.get(name));
    if (sentence !== null) problems.push({ name, sentence });
    return [name, value] as const;
  });
  const values = Object.fromEntries(entries) as ValuesOf<D>;
  const wrong = new Set(problems.map(({ name }) => name));
  return { values, problems: [...problems, ...rules.check(values, wrong).filter(({ name }) => !wrong.has(name))] };
}

function readValue(definition: Definition, seen: string | undefined): { value: unknown; sentence: string | null } {
  const { default: fallback, expected, schema, secret } = definition;
  const otherwise = fallback === null ? null : schema.parse(defaultText(definition));
  // The Pulumi CLI cannot leave out a setting that Pulumi.yaml declares: there, empty is the default that stands for none.
  if (seen === undefined || (seen === '' && fallback === null)) return { value: otherwise, sentence: null };
  const parsed = schema.safeParse(seen);
  if (parsed.success) return { value: parsed.data, sentence: null };
  const shown = secret === true ? '(masked)' : JSON.stringify(maskPassword(seen));
  return { value: otherwise, sentence: `is ${shown}; expected ${expected}` };
}

/** A mistyped name would silently leave the default in force. */
function unknownSentence(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === null ? 'unknown setting; remove it' : `unknown setting; did you mean ${near}?`;
}

/** Masks the password of `https://user:password@host`. */
function maskPassword(text: string): string {
  return text.replace(/(:\/\/[^/:@]*:)[^@/]*@/, '$1***@');
}
