/** What a person decided about files: the reason for a batch of source `operator`. */
export type Decision = {
  /** Who decided it: a claim, for people. The audit trail of AWS is the evidence. */
  readonly operator: string;
  readonly why: string | null;
} & (
  | {
      readonly action: 'retract';
      /** The counts that the person saw, as `sql/load/retraction` writes them; other counts end the transaction. */
      readonly planned: string;
    }
  | {
      readonly action: 'reload';
      /** Also loads versions that a person retracted. */
      readonly undoesRetraction: boolean;
    }
);

type Decided = { readonly decision?: Decision | undefined };

/** Whether the batch removes the rows of its objects. */
export function isRetraction({ decision }: Decided): boolean {
  return decision?.action === 'retract';
}

/** Whether the batch reads and publishes its objects although their versions are live. */
export function isReload({ decision }: Decided): boolean {
  return decision?.action === 'reload';
}
