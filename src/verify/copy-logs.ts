import { IngestError } from '../core/errors.ts';
import { isCopyable } from '../core/manifest.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ReloadFiles } from './reload-files.ts';
import type { ScratchSchema } from './scratch-schema.ts';
import type { UnreadObjects } from './unread-objects.ts';

/** What COPY says when it cannot read one of its files; which one it does not say. `unknown`: S3 said what nobody foresaw. */
const ABOUT_A_FILE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'copy_bad_data',
  'copy_role_refused',
  'key_refused',
  'object_missing',
  'object_unreadable',
  'unknown',
]);

const NOT_COPYABLE = 'its key holds a NUL, which no manifest can name';

/** Each is a COPY or two; so many find dozens of files among millions. */
const HALVINGS_MAX = 256;

/** Copies log files into `raw_events`, all but those that COPY cannot read: these are found and noted. */
export class LogCopies {
  readonly #files: ReloadFiles;
  readonly #scratch: ScratchSchema;
  readonly #unread: UnreadObjects;
  #copies = 0;
  #halvings = 0;

  constructor(parts: { files: ReloadFiles; scratch: ScratchSchema; unread: UnreadObjects }) {
    this.#files = parts.files;
    this.#scratch = parts.scratch;
    this.#unread = parts.unread;
  }

  /**
   * @param isSetAside files that most likely cannot be read: each is tried by itself, so that it keeps no other back.
   * @throws IngestError as the warehouse gives it, when it is not about one of the files or about too many of them.
   */
  async copy(logs: readonly FileEvent[], isSetAside: (file: FileEvent) => boolean): Promise<void> {
    // COPY takes an empty file for no file at all when it is the only one; there is nothing to read in it.
    const filled = logs.filter((file) => file.size > 0 && isCopyable(file));
    for (const file of logs.filter((log) => !isCopyable(log))) this.#unread.noteBroken(file, NOT_COPYABLE);
    const [apart, together] = [filled.filter(isSetAside), filled.filter((file) => !isSetAside(file))];
    await this.#copyThose(together.filter((file) => !isGzip(file)));
    await this.#copyThose(together.filter(isGzip));
    for (const file of apart) await this.#copyThose([file]);
  }

  async #copyThose(files: readonly FileEvent[], isChecked = false): Promise<void> {
    const [first] = files;
    if (first === undefined) return;
    try {
      this.#copies += 1;
      const manifest = await this.#files.writeLogManifest(`logs-${this.#copies}`, files);
      await this.#scratch.run(`copy-${this.#copies}`, [this.#scratch.copy('raw_events', manifest, isGzip(first))]);
      this.#unread.noteRead();
    } catch (error) {
      if (!(error instanceof IngestError) || !ABOUT_A_FILE.has(error.code)) throw error;
      await this.#copyReadable(files, error, isChecked);
    }
  }

  /** What COPY can read of files of which it refused at least one. */
  async #copyReadable(files: readonly FileEvent[], error: IngestError, isChecked: boolean): Promise<void> {
    // S3 says faster than COPY which of many it does not hand out. If it hands out none, it is this program that it refuses.
    const refused = isChecked ? new Map<FileEvent, never>() : await this.#files.refused(files);
    const [only] = files;
    if (refused.size > 0 && refused.size < files.length) {
      const rest = files.filter((file) => !refused.has(file));
      await this.#copyThose(rest, true);
      for (const [file, why] of refused) this.#note(file, why);
    } else if (only !== undefined && files.length === 1) {
      this.#note(only, refused.get(only) ?? error);
      this.#unread.throwWhenAllAreRefused();
    } else {
      this.#halvings += 1;
      if (this.#halvings > HALVINGS_MAX) throw error;
      const middle = Math.ceil(files.length / 2);
      await this.#copyThose(files.slice(0, middle), true);
      await this.#copyThose(files.slice(middle), true);
    }
  }

  #note(file: FileEvent, why: IngestError | 'gone'): void {
    if (why === 'gone' || why.code === 'object_missing') this.#unread.noteGone(file);
    else if (why.code === 'copy_bad_data') this.#unread.noteBroken(file, why.message);
    else this.#unread.noteRefused(file, why);
  }
}

function isGzip({ key }: FileEvent): boolean {
  return key.endsWith('.gz');
}
