import type { Provider } from '@pulumi/aws/provider.js';
import type { Names } from './aws/names.ts';
import type { Settings } from './settings/settings.ts';

/** What every part of the stack is made with. */
export type Context = {
  readonly settings: Settings;
  readonly names: Names;
  /** Name of the stack, e.g. `dev`. */
  readonly stack: string;
  /** The only provider: region, account, tags. Every resource names it. */
  readonly provider: Provider;
  /** Tags of all resources. The provider sets them, except where AWS does not take them from a provider. */
  readonly tags: Readonly<Record<string, string>>;
};
