import { invalid } from './api-error.ts';
import { unconfirmed } from './unconfirmed.ts';

/** Limits of the Data API (Redshift docs, "Data API quotas"; statement text: the older, smaller figure). */
export const limits = {
  statementBytes: 100_000,
  statementsPerBatch: 40,
  activeStatements: 500,
  sessions: 500,
  sessionLifeSeconds: 86_400,
  resultBytes: 500_000_000,
  resultRowBytes: 64 * 1024,
  retentionMs: 24 * 3_600_000,
  tokenMemoryMs: 8 * 3_600_000,
} as const;

const idPattern = /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d{0,2})?$/;

type Bounds = { readonly min?: number; readonly max?: number; readonly pattern?: RegExp };

/**
 * Reads the members of a request with the constraints of the service model. Every method returns `undefined` for an
 * absent member, and throws ValidationException for an invalid one.
 */
export class InputReader {
  readonly #input: Readonly<Record<string, unknown>>;

  constructor(input: Readonly<Record<string, unknown>>) {
    this.#input = input;
  }

  /** Length bounds count characters. */
  text(name: string, bounds: Bounds = {}): string | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw invalid(`${name} must be a string.`);
    return checkText(memberName(name), value, bounds);
  }

  requiredText(name: string, bounds: Bounds = {}): string {
    const value = this.text(name, bounds);
    if (value === undefined) throw missing(name);
    return value;
  }

  /** A pattern of LIKE: the escape character needs a character after it. */
  pattern(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && /(?<!\\)(\\\\)*\\$/.test(value)) throw invalid(unconfirmed.patternMessage(name));
    return value;
  }

  integer(name: string, bounds: { min: number; max: number }): number | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw invalid(`${name} must be an integer.`);
    if (value < bounds.min) {
      throw violation(memberName(name), String(value), `Member must have value greater than or equal to ${bounds.min}`);
    }
    if (value > bounds.max) {
      throw violation(memberName(name), String(value), `Member must have value less than or equal to ${bounds.max}`);
    }
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'boolean') throw invalid(`${name} must be a boolean.`);
    return value;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      throw violation(memberName(name), value, `Member must satisfy enum value set: [${choices.join(', ')}]`);
    }
    return found;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.#input[name];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw invalid(`${name} must be a list.`);
    return value as readonly unknown[];
  }

  /** A statement's id, with or without the number of a sub-statement. */
  statementId(): { readonly id: string; readonly uuid: string; readonly sub: number | null } {
    const id = this.#id('Id');
    if (id === undefined) throw missing('Id');
    const [uuid = '', sub] = id.split(':');
    return { id, uuid, sub: sub === undefined || sub === '' ? null : Number(sub) };
  }

  sessionId(): string | undefined {
    return this.#id('SessionId');
  }

  waitSeconds(): number | undefined {
    return this.integer('WaitTimeSeconds', { min: 1, max: 30 });
  }

  #id(name: string): string | undefined {
    const id = this.text(name);
    if (id !== undefined && !idPattern.test(id))
      throw invalid(`${memberName(name)} must satisfy regex pattern: ${idPattern.source}`);
    return id;
  }
}

export function missing(name: string): Error {
  return invalid(
    `1 validation error detected: Value null at '${memberName(name)}' failed to satisfy constraint: Member must not be null`,
  );
}

export function violation(name: string, value: string, constraint: string): Error {
  const shown = value.length > 200 ? `${value.slice(0, 200)}…` : value;
  return invalid(
    `1 validation error detected: Value '${shown}' at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}

export function checkText(name: string, value: string, bounds: Bounds): string {
  if (value.includes('\0')) throw invalid(unconfirmed.nulMessage(name));
  if (bounds.min !== undefined && value.length < bounds.min) {
    throw violation(name, value, `Member must have length greater than or equal to ${bounds.min}`);
  }
  if (bounds.max !== undefined && value.length > bounds.max) {
    throw violation(name, value, `Member must have length less than or equal to ${bounds.max}`);
  }
  if (bounds.pattern !== undefined && !bounds.pattern.test(value)) {
    throw violation(name, value, `Member must satisfy regular expression pattern: ${bounds.pattern.source}`);
  }
  return value;
}

/** Members are named in messages as the model's fields are, in lower camel case. */
const memberName = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
