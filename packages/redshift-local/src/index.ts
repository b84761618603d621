export { runCommandLine } from './command-line.ts';
export { foreignHost } from './http-host.ts';
export { LocalStackError } from './errors/local-stack-error.ts';
export { startRedshift } from './start-redshift.ts';
export type { RedshiftOptions, RunningRedshift } from './start-redshift.ts';
