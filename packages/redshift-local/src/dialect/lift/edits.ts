import type { Token } from '../tree/tokens.ts';

/** Replacements in a statement's text, collected first and applied together, so that offsets stay those of the original. */
export class Edits {
  readonly #edits: { start: number; end: number; text: string }[] = [];

  replace(token: Pick<Token, 'start' | 'end'>, text: string): void {
    this.#edits.push({ start: token.start, end: token.end, text });
  }

  /** Puts text before a position; several insertions at one place keep their order. */
  insert(position: number, text: string): void {
    this.#edits.push({ start: position, end: position, text });
  }

  /** Blanks out, keeping the length, so that error positions behind it stay right. */
  blank(range: Pick<Token, 'start' | 'end'>): void {
    this.replace(range, ' '.repeat(range.end - range.start));
  }

  /** Edits inside a larger replaced range are dropped: the larger one wins. */
  apply(sql: string): string {
    const ordered = this.#edits
      .map((edit, order) => ({ ...edit, order }))
      .sort(
        (a, b) =>
          a.start - b.start ||
          (a.end === a.start ? 0 : 1) - (b.end === b.start ? 0 : 1) ||
          b.end - a.end ||
          a.order - b.order,
      );
    let result = '';
    let position = 0;
    for (const edit of ordered) {
      if (edit.start < position) continue;
      result += sql.slice(position, edit.start) + edit.text;
      position = edit.end;
    }
    return result + sql.slice(position);
  }
}
