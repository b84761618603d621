/** A reply on the wire: a Date of the SDK is a number of seconds since 1970. */
export type Wire<T> = T extends Date
  ? number
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T;

export function epochSeconds(ms: number): number {
  return ms / 1000;
}

/** The object without the members that are `undefined` or `null`: absent on the wire, not null. */
export function present<T extends object>(members: T): { [Key in keyof T]: Exclude<T[Key], null> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], null> };
}
