import { IngestError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';

/** An object of the bucket that a comparison could not read. */
type UnreadObject = { readonly file: FileEvent; readonly reason: string; readonly isGone: boolean };

/** Errors that are about the object itself, whatever becomes of the others. */
const OWN_TROUBLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['copy_bad_data', 'object_unreadable']);
/** So many refusals, and nothing that can be read, are about the reader and not about the objects. */
const REFUSALS_MAX = 10;

/**
 * What the listing names and the comparison cannot read: it ends nothing and is named. When nothing can be read at all,
 * the fault is not the objects': then the comparison ends with the error of the last of them.
 */
export class UnreadObjects {
  readonly #files: UnreadObject[] = [];
  #hasRead = false;
  #refusals = 0;

  get files(): readonly UnreadObject[] {
    return this.#files;
  }

  noteRead(): void {
    this.#hasRead = true;
  }

  noteGone(file: FileEvent): void {
    this.#files.push({ file, reason: 'was deleted since the bucket was listed', isGone: true });
  }

  /** The object is there, was read, and holds what cannot be loaded. */
  noteBroken(file: FileEvent, reason: string): void {
    this.#hasRead = true;
    this.#files.push({ file, reason, isGone: false });
  }

  /** @throws the error when so many objects were refused that the reader must be at fault, or when it is no refusal. */
  noteRefused(file: FileEvent, error: unknown): void {
    if (!(error instanceof IngestError) || error.code === 'aborted') throw error;
    if (!OWN_TROUBLE.has(error.code)) this.#refusals += 1;
    if (!this.#hasRead && this.#refusals >= REFUSALS_MAX) throw error;
    this.#files.push({ file, reason: error.message, isGone: false });
  }
}
