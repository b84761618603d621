import { escapeXml } from './parse-xml.ts';

/** A request that S3 answers with an error document. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal';
  readonly code: string;
  readonly statusCode: number;
  /** Further elements of the error document, such as `ArgumentName`. */
  readonly elements: Readonly<Record<string, string>>;

  constructor(code: string, statusCode: number, message: string, elements: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
    this.elements = elements;
  }

  toXml(requestId: string): string {
    const all = { Code: this.code, Message: this.message, ...this.elements, RequestId: requestId };
    const inner = Object.entries(all).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
    return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner.join('')}</Error>`;
  }
}

export function malformedXml(): S3Refusal {
  const message = 'The XML you provided was not well-formed or did not validate against our published schema';
  return new S3Refusal('MalformedXML', 400, message);
}

export function invalidArgument(message: string, elements: Readonly<Record<string, string>> = {}): S3Refusal {
  return new S3Refusal('InvalidArgument', 400, message, elements);
}

export function notImplemented(message: string): S3Refusal {
  return new S3Refusal('NotImplemented', 501, message);
}

/** The error document for every other failure: the library refused, the body was too large, this store failed. */
export function toS3Refusal(error: unknown): S3Refusal {
  if (error instanceof S3Refusal) return error;
  const { code, message, statusCode, toXml } = error as Partial<S3Refusal>;
  if (typeof toXml === 'function') return new S3Refusal(code ?? 'InternalError', statusCode ?? 500, message ?? '');
  if (statusCode === 413) {
    return new S3Refusal('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed object size');
  }
  const told = message ?? String(error);
  if (statusCode !== undefined && statusCode < 500) return new S3Refusal('InvalidRequest', statusCode, told);
  return new S3Refusal('InternalError', 500, `We encountered an internal error. Please try again. (${told})`);
}
