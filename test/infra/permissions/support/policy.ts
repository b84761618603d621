type OneOrMore = string | readonly string[];

/** As IAM writes it (IAM JSON policy reference). `NotAction` and the like are not used, and refused by `statementsOf`. */
export type Statement = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: OneOrMore;
  /** A trust policy has none. */
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
};
export type PolicyDocument = { readonly Version: string; readonly Statement: readonly Statement[] };

/** A policy with one thing less in it. */
export type Mutant = {
  readonly name: string;
  readonly effect: Statement['Effect'];
  /** Taking a condition away allows (or denies) more, taking anything else away less. */
  readonly taken: 'action' | 'resource' | 'condition';
  /** What the missing thing was about, patterns included. */
  readonly actions: readonly string[];
  readonly document: PolicyDocument;
};

export function listOf(value: OneOrMore | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** @throws Error for a document with elements that the mutations would leave alone. */
export function parsePolicy(text: string): PolicyDocument {
  const document = JSON.parse(text) as PolicyDocument;
  const known = new Set(['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition']);
  for (const statement of document.Statement) {
    const unknown = Object.keys(statement).filter((name) => !known.has(name));
    if (unknown.length > 0) throw new Error(`${unknown.join(', ')} in ${text}: not known to this test`);
  }
  return document;
}

/** The document without each action, each resource and each condition of each statement, one at a time. */
export function mutantsOf(document: PolicyDocument): readonly Mutant[] {
  return document.Statement.flatMap((statement, index) => {
    const label = `statement ${statement.Sid ?? index}`;
    const actions = listOf(statement.Action);
    const mutant = (taken: Mutant['taken'], what: string, less: Statement | null): Mutant => {
      const rest = document.Statement.filter((_other, other) => other !== index);
      const Statement = less === null ? rest : document.Statement.with(index, less);
      return {
        name: `${label} without ${what}`,
        effect: statement.Effect,
        taken,
        actions: taken === 'action' ? [what] : actions,
        document: { ...document, Statement },
      };
    };
    const resources = listOf(statement.Resource);
    const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.keys(keys).map((key) => ({ operator, key })),
    );
    return [
      ...actions.map((action) => mutant('action', action, without(statement, 'Action', actions, action))),
      ...resources.map((resource) => mutant('resource', resource, without(statement, 'Resource', resources, resource))),
      ...conditions.map(({ operator, key }) =>
        mutant('condition', `${operator} ${key}`, withoutCondition(statement, operator, key)),
      ),
    ];
  });
}

/** `null`: nothing is left of the statement. */
function without(
  statement: Statement,
  field: 'Action' | 'Resource',
  all: readonly string[],
  one: string,
): Statement | null {
  const rest = all.filter((other) => other !== one);
  return rest.length === 0 ? null : { ...statement, [field]: rest };
}

function withoutCondition(statement: Statement, operator: string, key: string): Statement {
  const { Condition = {}, ...bare } = statement;
  const kept = Object.entries(Condition).flatMap(([name, keys]) => {
    const rest = Object.entries(keys).filter(([other]) => name !== operator || other !== key);
    return rest.length === 0 ? [] : [[name, Object.fromEntries(rest)] as const];
  });
  return kept.length === 0 ? bare : { ...bare, Condition: Object.fromEntries(kept) };
}
