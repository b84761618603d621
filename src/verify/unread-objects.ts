import type { ErrorCode, IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';

/** An object of the bucket that a comparison could not read. */
type UnreadObject = { readonly file: FileEvent; readonly reason: string; readonly isGone: boolean };

/** Errors of S3 about one object: access, a KMS key or a customer-provided key, an archive. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'access_denied',
  'key_refused',
  'object_unreadable',
  'request_refused',
]);
/** After this many refusals without any readable object, the cause is the reader and not the objects. */
const REFUSALS_MAX = 10;

/** Whether an error is about one object and does not end the comparison. An outage ends it. */
export function isRefusal({ code }: IngestError): boolean {
  return REFUSALS.has(code);
}

/** Collects listed objects that cannot be read. */
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

  /** The object exists, and its content cannot be loaded. */
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
