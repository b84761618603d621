import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file to upload. */
export type InputFile = { readonly key: string; readonly body: Uint8Array };

const FOLDER = fileURLToPath(new URL('../../../../shared/data/sparkify', import.meta.url));

/** Real data that is not part of the project; where it is missing, generated data covers the same rules. */
export const SAMPLE_IS_PRESENT = existsSync(join(FOLDER, 'log_data'));

/** Says in the test report why tests are skipped. */
export const SAMPLE_NOTE = SAMPLE_IS_PRESENT ? '' : ' (skipped: ../shared/data/sparkify is not here)';

/** The real sample: three days of logs and 47 songs. */
export function sampleFiles(): readonly InputFile[] {
  return ['song_data', 'log_data'].flatMap((folder) =>
    readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json'))
      .sort()
      .map((path) => ({ key: `${folder}/${path}`, body: readFileSync(join(FOLDER, folder, path)) })),
  );
}
