export { LocalStackError } from 'redshift-local';
export { writeLocalEnv } from './local-env-file.ts';
export { createBucket, createQueues, LOCAL_CREDENTIALS, notifyQueue } from './provision.ts';
export { runLocal } from './run-local.ts';
export type { RunLocalOptions } from './run-local.ts';
export type { LocalStackOptions, LocalStackPart } from './stack-options.ts';
export { startLocalStack } from './start-local-stack.ts';
export type { LocalStack } from './start-local-stack.ts';
