import type { SettingProblem } from '../../src/settings/read-values.ts';
import type { StackSettingValues } from '../settings/definitions.ts';
import { networkChecks } from './network-checks.ts';
import { meaningless, regionChecks } from './problems.ts';
import { reachChecks } from './reach-checks.ts';
import { serviceChecks } from './service-checks.ts';
import { warehouseChecks } from './warehouse-checks.ts';

/** Contradictions between settings, and settings that have no meaning with others. */
export function crossChecks(values: StackSettingValues): SettingProblem[] {
  return [
    ...dataChecks(values),
    ...networkChecks(values),
    ...reachChecks(values),
    ...warehouseChecks(values),
    ...consumerChecks(values),
    ...serviceChecks(values),
    ...alarmChecks(values),
  ];
}

function dataChecks(values: StackSettingValues): SettingProblem[] {
  const { existingBucket } = values;
  const ofNew = ['bucketForceDestroy', 'bucketVersioned'] as const;
  const why = `with existingBucket (${existingBucket ?? ''}): the stack does not change a bucket that it did not create`;
  return [
    ...(existingBucket === null
      ? meaningless(values, ['existingBucketEvents', 'bucketKmsKeyArn'], 'without existingBucket')
      : meaningless(values, ofNew, why)),
    ...regionChecks(values, ['bucketKmsKeyArn']),
    ...jsonpathsChecks(values),
  ];
}

const PREFIXES = ['logPrefix', 'songPrefix', 'workPrefix'] as const;

/** Below the prefixes the file would be loaded as data, or expire with the work files. */
function jsonpathsChecks(values: StackSettingValues): SettingProblem[] {
  const { logJsonpathsKey: key } = values;
  return PREFIXES.filter((prefix) => key?.startsWith(values[prefix]) === true).map((prefix) => {
    const sentence = `is "${key ?? ''}", which lies below ${prefix} "${values[prefix]}"; name an object outside the prefixes`;
    return { name: 'logJsonpathsKey', sentence };
  });
}

/** Memory in MiB that Fargate has for CPU units: from, to, in steps of (ECS docs, "Task CPU and memory"). */
const FARGATE_MEMORY: Readonly<Record<number, readonly [number, number, number]>> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
};
/** Fargate kills a task 120 s after it asked it to stop, at the latest (ECS docs, "stopTimeout"); ten to spare. */
const MAX_FARGATE_DRAIN_SECONDS = 110;

function consumerChecks(values: StackSettingValues): SettingProblem[] {
  const { consumer, trustedPrincipalArns, drainSeconds, image } = values;
  const problems: SettingProblem[] = [];
  if (consumer === 'none') {
    const ofTask = ['image', 'cpu', 'memoryMb', 'consumerCount'] as const;
    problems.push(...meaningless(values, ofTask, 'with consumer none'));
    if (trustedPrincipalArns.length === 0) {
      const sentence = 'is empty; with consumer none, name the roles or users that run the service';
      problems.push({ name: 'trustedPrincipalArns', sentence });
    }
    return problems;
  }
  if (drainSeconds > MAX_FARGATE_DRAIN_SECONDS) {
    const sentence = `is ${drainSeconds}; expected at most ${MAX_FARGATE_DRAIN_SECONDS}, because Fargate kills a stopping task after 120 s`;
    problems.push({ name: 'drainSeconds', sentence });
  }
  if (image?.endsWith(':latest') === true) {
    const sentence = `is "${image}"; name a version or a digest, so that a restarted task runs the same program`;
    problems.push({ name: 'image', sentence });
  }
  return [...problems, ...sizeChecks(values)];
}

function sizeChecks({ cpu, memoryMb }: StackSettingValues): SettingProblem[] {
  const range = FARGATE_MEMORY[cpu];
  if (range === undefined) {
    return [{ name: 'cpu', sentence: `is ${cpu}; expected one of ${Object.keys(FARGATE_MEMORY).join(', ')}` }];
  }
  const [from, to, step] = range;
  if (memoryMb >= from && memoryMb <= to && (memoryMb % step === 0 || memoryMb === from)) return [];
  const sentence = `is ${memoryMb}; expected ${from} to ${to} in steps of ${step}, which Fargate offers with cpu ${cpu}`;
  return [{ name: 'memoryMb', sentence }];
}

function alarmChecks({ alarmEmail, alarmTopicArn, region }: StackSettingValues): SettingProblem[] {
  if (alarmTopicArn === null) return [];
  const problems: SettingProblem[] = [];
  if (alarmEmail !== null) {
    problems.push({
      name: 'alarmTopicArn',
      sentence: 'and alarmEmail exclude each other; subscribe the address to the topic',
    });
  }
  const topicRegion = alarmTopicArn.split(':')[3] ?? '';
  if (topicRegion !== region) {
    const sentence = `is "${alarmTopicArn}" in ${topicRegion}; expected a topic in ${region}, the region of the alarms`;
    problems.push({ name: 'alarmTopicArn', sentence });
  }
  return problems;
}
