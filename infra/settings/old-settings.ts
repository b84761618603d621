const INSTEAD_OF_SCHEDULES =
  'write the hours (UTC) and days in which the cluster runs, such as npx pulumi config set runningHours "06:00-20:00 mon-fri"';

/** Settings that the stack had, each with what became of it. */
export const OLD_SETTINGS: Readonly<Record<string, string>> = {
  prices: 'the stack does not estimate its bill; docs/deploy.md says what drives it',
  usage: 'the stack does not estimate its bill; docs/deploy.md says what drives it',
  pauseSchedule: INSTEAD_OF_SCHEDULES,
  resumeSchedule: INSTEAD_OF_SCHEDULES,
  trustNodeType: 'the stack takes every node type, and AWS refuses a type that the region does not have',
};

/** What to tell somebody who set an old setting; `null` for every other name. */
export function oldSettingSentence(name: string): string | null {
  const what = Object.hasOwn(OLD_SETTINGS, name) ? OLD_SETTINGS[name] : undefined;
  return what === undefined ? null : `is an old setting: ${what}. Remove it (npx pulumi config rm ${name})`;
}
