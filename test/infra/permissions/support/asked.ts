/** Something of the stack, told by its part in it: recorded on the embedded stack, evaluated with the names of another. */
export type Part =
  | { readonly kind: 'bucket' }
  | { readonly kind: 'object'; readonly key: string }
  | { readonly kind: 'queue' }
  | { readonly kind: 'dead-letter queue' }
  | { readonly kind: 'warehouse' }
  /** For actions that know no resources. */
  | { readonly kind: 'anything' };

/** One permission that one call needs. */
export type Asked = {
  /** As policies write it: `sqs:DeleteMessage`. */
  readonly action: string;
  readonly on: Part;
  /** Condition keys that AWS fills from the call itself. */
  readonly context: Readonly<Record<string, string>>;
  /** The call, for people: `DeleteMessageBatch`. */
  readonly call: string;
};

/** The same permission asked for twice needs one evaluation; ids that differ in every run are written as one. */
export function distinct(all: readonly Asked[]): readonly Asked[] {
  return [...new Set(all.map((asked) => withoutIds(JSON.stringify(asked))))].map((text) => JSON.parse(text) as Asked);
}

function withoutIds(text: string): string {
  return text
    .replaceAll(/\d{4}\/\d\d\/\d\d\/\d{8}T\d{6}-[0-9a-f]{12}/g, '2026/01/01/a-batch')
    .replaceAll(/\/(verify|check)\/[0-9a-f]{12}/g, '/$1/a-run');
}
