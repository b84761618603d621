import { readConfig } from '../../src/app/config.ts';
import { STACK_OUTPUTS } from '../../src/app/stack-outputs.ts';
import { nearestName } from '../../src/settings/nearest-name.ts';
import { SettingsError } from '../../src/settings/read-values.ts';
import type { SettingProblem } from '../../src/settings/read-values.ts';
import type { StackSettingValues } from '../settings/definitions.ts';
import { PASSED_ON, isPassedOn } from '../settings/of-service.ts';

/** Names of outputs, and of the stack's settings where both have one name, by the service's setting. */
const STACK_NAMES = new Map<string, string>(Object.entries(STACK_OUTPUTS).map(([output, name]) => [name, output]));

/** What the service would refuse at its start, with the names of the stack's settings. */
export function serviceChecks(values: StackSettingValues): SettingProblem[] {
  const { consumerEnvironment } = values;
  const names = Object.keys(consumerEnvironment);
  const others = names.filter((name) => !isPassedOn(name));
  return [
    ...others.map((name) => ({
      name: 'consumerEnvironment',
      sentence: `${name} is not one of its names; ${instead(name, values)}`,
    })),
    ...refusalsOfService({
      ...ownSettings(values),
      ...Object.fromEntries(Object.entries(consumerEnvironment).filter(([name]) => isPassedOn(name))),
    }),
  ];
}

function instead(name: string, values: StackSettingValues): string {
  const ofStack = STACK_NAMES.get(name);
  if (ofStack !== undefined) return ofStack in values ? `set ${ofStack} instead` : 'the stack sets it';
  const near = nearestName(name, PASSED_ON);
  return near === null ? `expected one of ${PASSED_ON.join(', ')}` : `did you mean ${near}?`;
}

/** Settings that stack and service share, as the service gets them. */
function ownSettings(values: StackSettingValues): Readonly<Record<string, string>> {
  const byName: Readonly<Record<string, unknown>> = values;
  const shared = Object.entries(STACK_OUTPUTS).filter(([output]) => (byName[output] ?? null) !== null);
  return Object.fromEntries(shared.map(([output, name]) => [name, String(byName[output])]));
}

function refusalsOfService(environment: Readonly<Record<string, string>>): SettingProblem[] {
  try {
    readConfig(environment, ['batching']);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ name, sentence }) =>
      isPassedOn(name)
        ? { name: 'consumerEnvironment', sentence: `${name} ${inStackWords(sentence)}` }
        : { name: STACK_NAMES.get(name) ?? name, sentence: inStackWords(sentence) },
    );
  }
}

function inStackWords(sentence: string): string {
  return sentence.replaceAll(/\b[A-Z]+_[A-Z_]+\b/g, (name) =>
    isPassedOn(name) ? name : (STACK_NAMES.get(name) ?? name),
  );
}
