import type { ErrorCode, IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';

/** An object of the bucket that a comparison could not read. */
type UnreadObject = { readonly file: FileEvent; readonly reason: string; readonly isGone: boolean };

/** What S3 says of an object that it does not hand out: access, a key of KMS or of the customer, an archive. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'access_denied',
  'key_refused',
  'object_unreadable',
  'request_refused',
]);
/** So many refusals, and nothing that could be read, are about the reader and not about the objects. */
const REFUSALS_MAX = 10;

/** Whether an error is about one object and must not end the comparison. An outage is not: it ends, and is run again. */
export function isRefusal({ code }: IngestError): boolean {
  return REFUSALS.has(code);
}

/** What the listing names and one reader cannot read: it ends nothing and is named. */
export class UnreadObjects {
  readonly #files: UnreadObject[] = [];
  readonly #refusals: IngestError[] = [];
  #hasRead = false;

  get files(): readonly UnreadObject[] {
    return this.#files;
  }

  noteRead(): void {
    this.#hasRead = true;
  }

  noteGone(file: FileEvent): void {
    this.#files.push({ file, reason: 'was deleted since the bucket was listed', isGone: true });
  }

  /** The object is there, and what it holds cannot be loaded. */
  noteBroken(file: FileEvent, reason: string): void {
    this.#files.push({ file, reason, isGone: false });
  }

  noteRefused(file: FileEvent, error: IngestError): void {
    this.#refusals.push(error);
    this.#files.push({ file, reason: error.message, isGone: false });
  }

  /** @throws the first refusal, when ten objects or more were refused and none could be read. */
  throwWhenAllAreRefused(): void {
    const [first] = this.#refusals;
    if (!this.#hasRead && first !== undefined && this.#refusals.length >= REFUSALS_MAX) throw first;
  }
}
