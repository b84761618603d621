import { printable } from '../core/printable.ts';

/** Text of an HTML page. Only `html` makes it, so that foreign text cannot become markup. */
export type Html = { readonly markup: string };

type Value = string | number | Html | readonly Html[];

/** A piece of HTML. Strings and numbers between the parts become text; pieces of HTML stay what they are. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: String.raw({ raw: parts }, ...values.map(markupOf)) };
}

function markupOf(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attribute values in quotes. Control and direction characters are shown as on a terminal. */
function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
