/** A turn of phrase that no message and no document of this project uses, and what to write instead. */
export type ForbiddenPhrase = {
  /** Source of a regular expression, without `/`: ESLint's selectors read it, too. Matched without regard to case. */
  readonly pattern: string;
  readonly instead: string;
};

/** At most twelve, so that everybody can know them. */
export const FORBIDDEN_PHRASES: readonly ForbiddenPhrase[] = [
  {
    pattern: String.raw`(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|matter\b)`,
    instead: '"is not a …", or say what it is',
  },
  { pattern: String.raw`\bof (?:ours|yours)\b`, instead: '"our …", or name the owner' },
  { pattern: String.raw`\bso (?:many|long|much)\b(?! that\b)`, instead: '"at most", "while", or the number' },
  { pattern: String.raw`\bby (?:itself|themselves)\b`, instead: '"automatically", "alone", or name the actor' },
  { pattern: String.raw`\bset(?:s|ting)? (?:\w+ )?aside\b`, instead: '"quarantine"' },
  {
    pattern: String.raw`\bhand(?:s|ed|ing)? (?:\w+ )?back\b`,
    instead: '"release" for a message, "return" for a value',
  },
  { pattern: String.raw`\bnobody\b(?=[ .,;:])`, instead: 'name who does not, or use the passive voice' },
  { pattern: String.raw`\b(?:is|are|was|were|be) (?:told|said|noticed)\b`, instead: 'name who reports what to whom' },
  { pattern: String.raw`\ball the same\b`, instead: '"nevertheless", "anyway", "still"' },
  { pattern: String.raw`\bthose (?:that|which)\b`, instead: 'the noun again' },
  { pattern: String.raw`\bwhat (?:could|can) ?not\b`, instead: 'the noun: "objects that cannot …"' },
  { pattern: String.raw`\bgo(?:es)? on\b`, instead: '"continue", "resume"' },
];
