import { IngestError } from '../core/errors.ts';

/**
 * Loads what starts the embedded stack. Its packages are optional: the image does not carry them, and whoever installs the
 * packed program chooses.
 *
 * @param verbName the verb, for the error message.
 * @param load imports the modules.
 * @throws IngestError `config_invalid` that names what is missing and says where the verb runs.
 */
export async function loadEmbeddedStack<T>(verbName: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissingModule(cause)) throw cause;
    const missing = cause.message.replace(/ imported from .*$/s, '');
    throw new IngestError(
      'config_invalid',
      `"sparkify ${verbName}" needs the embedded stack, which is not installed here (${missing}): install the tarballs of local-stack and redshift-local, or run it in a checkout of the project after "npm ci".`,
      { cause },
    );
  }
}

function isMissingModule(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
