import type { Provider } from '@pulumi/aws/provider.js';
import type { Names } from './plan/names.ts';
import type { Settings } from './settings.ts';

/** What every part of the stack is made with. */
export type Context = {
  readonly settings: Settings;
  readonly names: Names;
  /** Name of the stack, e.g. `dev`. */
  readonly stack: string;
  /** The one provider: region, account, tags. Every resource names it; there is no other way to AWS. */
  readonly provider: Provider;
  /** Tags of everything; the provider puts them on, except where AWS takes none from it. */
  readonly tags: Readonly<Record<string, string>>;
};
