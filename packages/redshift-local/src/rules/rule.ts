/**
 * What the stand-in does with a rule of Redshift: `kept` and `refused` as documented; `switchable`: kept, although public sources do
 * not prove it, and `--without <id>` turns it off; `not covered`: the stand-in differs.
 */
type RuleKind = 'kept' | 'refused' | 'switchable' | 'not covered';

/** A rule of Redshift. Tests carry its id in brackets in their titles; CONFORMANCE.md lists all of them. */
export type Rule = {
  readonly id: string;
  readonly kind: RuleKind;
  readonly rule: string;
  /** Page of AWS's documents, or who reported it. */
  readonly source: string;
};
