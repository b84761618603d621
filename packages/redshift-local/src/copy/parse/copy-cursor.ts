import { RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyToken } from './tokenize-copy.ts';
import { tokenizeCopy } from './tokenize-copy.ts';

/** Reads a COPY token by token; every failed expectation is a 42601 that names what stands there instead. */
export class CopyCursor {
  readonly #tokens: readonly CopyToken[];
  #index = 0;

  constructor(sql: string) {
    this.#tokens = tokenizeCopy(sql);
  }

  peek(ahead = 0): CopyToken {
    const token = this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RedshiftError('42601', 'syntax error at end of input');
    return token;
  }

  next(): CopyToken {
    const token = this.peek();
    this.#index += 1;
    return token;
  }

  /** Takes the words when they come next, else nothing. */
  takeWords(...words: readonly string[]): boolean {
    const there = words.every((word, ahead) => this.peek(ahead).kind === 'word' && this.peek(ahead).text === word);
    if (there) this.#index += words.length;
    return there;
  }

  takeSymbol(symbol: string): boolean {
    const there = this.peek().kind === 'symbol' && this.peek().text === symbol;
    if (there) this.#index += 1;
    return there;
  }

  expectWord(word: string): void {
    if (!this.takeWords(word)) this.fail(word.toUpperCase());
  }

  expectIdentifier(what: string): string {
    const kind = this.peek().kind;
    return kind === 'word' || kind === 'quoted_word' ? this.next().text : this.fail(what);
  }

  expectString(what: string): string {
    return this.peek().kind === 'string' ? this.next().text : this.fail(what);
  }

  expectNumber(what: string, least: number, most: number): number {
    if (this.peek().kind !== 'number') return this.fail(what);
    const { text, offset } = this.next();
    const value = Number(text);
    if (value < least || value > most) {
      throw new RedshiftError('22023', `${what} must be between ${least} and ${most}, found ${text}`, {
        position: offset + 1,
      });
    }
    return value;
  }

  fail(expected: string): never {
    const { kind, text, offset } = this.peek();
    const seen = kind === 'end' ? 'syntax error at end of input' : `syntax error at or near "${text}"`;
    throw new RedshiftError('42601', seen, { detail: `COPY expects ${expected} here.`, position: offset + 1 });
  }
}
