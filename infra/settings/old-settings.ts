import { STACK_OUTPUTS } from '../../src/app/stack-outputs.ts';
import { isPassedOn } from './of-service.ts';

const NO_ESTIMATE = 'the stack does not estimate its bill; docs/deploy.md says what drives it';
const RUNNING_HOURS =
  'set the hours (UTC) and days in which the cluster runs (npx pulumi config set runningHours "06:00-20:00 mon-fri")';

/** Settings that the stack had, each with what became of it. */
export const OLD_SETTINGS: Readonly<Record<string, string>> = {
  ...inConsumerEnvironment(),
  prices: NO_ESTIMATE,
  usage: NO_ESTIMATE,
  pauseSchedule: RUNNING_HOURS,
  resumeSchedule: RUNNING_HOURS,
  trustNodeType: 'the stack takes every node type, and AWS refuses a type that the region does not have',
  maintenanceWindow: 'AWS maintains the cluster on Sundays from 03:00 to 04:00 UTC',
  maxCapacity: 'a usage limit of Redshift Serverless bounds the RPU-hours (aws redshift-serverless create-usage-limit)',
  privateSubnetCidrs: 'the stack divides vpcCidr into equal subnets',
  reservedCidrs: 'choose a vpcCidr that does not overlap with the networks that you connect to it',
  workExpiryDays: 'files below workPrefix expire after 7 days',
  maxReceiveCount: 'SQS moves a message to the dead-letter queue after 100 deliveries',
  deadLetterRetentionDays: 'the dead-letter queue keeps a message for 14 days, the longest that SQS offers',
  logRetentionDays: 'the stack keeps logs for 30 days',
  dashboard: 'the stack always makes a dashboard',
};

/** The refusal of an old setting; `null` for every other name. */
export function oldSettingSentence(name: string): string | null {
  const what = Object.hasOwn(OLD_SETTINGS, name) ? OLD_SETTINGS[name] : undefined;
  return what === undefined ? null : `is an old setting: ${what}. Remove it (npx pulumi config rm ${name})`;
}

function inConsumerEnvironment(): Readonly<Record<string, string>> {
  const passedOn = Object.entries(STACK_OUTPUTS).filter(([, name]) => isPassedOn(name));
  return Object.fromEntries(passedOn.map(([output, name]) => [output, `add ${name}=… to consumerEnvironment`]));
}
