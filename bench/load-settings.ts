import type { LoadSettings } from '../src/loaders/load-context.ts';

/** As the service loads when nobody has set anything else. */
export function loadSettings(place: Pick<LoadSettings, 'bucket' | 'schema' | 'copyRoleArn'>): LoadSettings {
  return {
    ...place,
    ...{ songPrefix: 'song_data/', logPrefix: 'log_data/', workPrefix: 'sparkify-work/', onDelete: 'keep' },
    ...{ consumer: 'bench', rejectedRowsMax: 10_000 },
  };
}
