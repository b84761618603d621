import { isWildcardOnlyAction } from '@cloud-copilot/iam-simulate';
import { describeRequest, hasSay, isAllowed } from './decide.ts';
import type { Account, IamRequest, PlacedPolicy } from './decide.ts';
import { listOf, mutantsOf } from './policy.ts';
import type { Mutant } from './policy.ts';

/** What a set of policies is held to. */
export type Demands = {
  /** Every one has to be allowed. */
  readonly needed: readonly IamRequest[];
  /** None may be. */
  readonly forbidden: readonly IamRequest[];
};

export async function denied(demands: Demands, policies: readonly PlacedPolicy[], at: Account): Promise<string[]> {
  const { needed } = demands;
  return (await where(needed, async (request) => !(await isAllowed(request, policies, at)))).map(describeRequest);
}

export async function letThrough(demands: Demands, policies: readonly PlacedPolicy[], at: Account): Promise<string[]> {
  const { forbidden } = demands;
  return (await where(forbidden, async (request) => await isAllowed(request, policies, at))).map(describeRequest);
}

/**
 * Takes each action, each resource and each condition out of each statement, one at a time, and looks whether the answer
 * to anything that is demanded changes. What changes nothing has no reason to be there.
 *
 * @returns what could be taken away unnoticed, for people.
 */
export async function superfluous(
  demands: Demands,
  policies: readonly PlacedPolicy[],
  at: Account,
): Promise<readonly string[]> {
  const allowed = await where(demands.needed, async (request) => await isAllowed(request, policies, at));
  const keptOut = await where(demands.forbidden, async (request) => !(await isAllowed(request, policies, at)));
  const idle: string[] = [];
  for (const [index, placed] of policies.entries()) {
    if (placed.isForeign === true) continue;
    for (const mutant of mutantsOf(placed.document)) {
      const mutated = policies.with(index, { ...placed, document: mutant.document });
      const widens = allowsMore(mutant);
      const isNoticed = await some(
        (widens ? keptOut : allowed).filter((request) => hasSay(placed, request) && isAbout(mutant, request)),
        async (request) => (await isAllowed(request, mutated, at)) === widens,
      );
      if (!isNoticed) idle.push(`${placed.name}: ${mutant.name}`);
    }
  }
  return idle;
}

/** Less of an Allow, or more of a Deny, is missed by somebody; more of an Allow, or less of a Deny, lets somebody in. */
function allowsMore({ effect, taken }: Mutant): boolean {
  return (effect === 'Allow') === (taken === 'condition');
}

function isAbout({ actions }: Mutant, { action }: IamRequest): boolean {
  return actions.some((one) => one === action || one.includes('*'));
}

/**
 * Actions that are given by a pattern or that IAM does not know, and `*` as the resource of an action that could name
 * one (Service Authorization Reference, "Resource types").
 */
export async function tooBroad(policies: readonly PlacedPolicy[]): Promise<readonly string[]> {
  const found: string[] = [];
  // Behind an endpoint the roles decide; what it lets pass may be broad.
  for (const { name, document, kind } of policies.filter((one) => one.kind !== 'endpoint' && one.isForeign !== true)) {
    for (const { Action, Resource, Effect } of document.Statement) {
      // Denying everything is the point of a Deny.
      if (Effect === 'Deny') continue;
      for (const action of listOf(Action)) {
        const knowsNoResource = await namesNoResource(action);
        if (knowsNoResource === null) found.push(`${name}: the action ${action}`);
        else if (kind === 'identity' && listOf(Resource).includes('*') && !knowsNoResource) {
          found.push(`${name}: ${action} on *`);
        }
      }
    }
  }
  return found;
}

/** @returns `null` for names that are not actions of IAM. */
async function namesNoResource(action: string): Promise<boolean | null> {
  const [service = '', verb = ''] = action.split(':');
  return await isWildcardOnlyAction(service, verb).catch(() => null);
}

async function where<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<readonly T[]> {
  const answers = await Promise.all(all.map(holds));
  return all.filter((_one, index) => answers[index] === true);
}

async function some<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<boolean> {
  for (const one of all) if (await holds(one)) return true;
  return false;
}
