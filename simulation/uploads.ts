import { gzipSync } from 'node:zlib';

/** An event that the model keeps, as its columns hold it. `length` in 1/100000 s. */
export type EventTruth = {
  readonly isPlay: boolean;
  readonly startMs: number;
  readonly userId: string;
  readonly sessionId: string;
  readonly item: number;
  readonly level: string | null;
  readonly gender: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  /** What follows is null for other events than plays. */
  readonly location: string | null;
  readonly userAgent: string | null;
  readonly title: string | null;
  readonly artistName: string | null;
  readonly length: number | null;
};

/** A song as its columns hold it. `duration` in 1/100000 s. */
export type SongTruth = {
  readonly songId: string;
  readonly artistId: string;
  readonly title: string | null;
  readonly artistName: string | null;
  readonly location: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly year: number | null;
  readonly duration: number | null;
};

/** What has to become of an object of a file, or of a stretch that is not an object; `line` is its first one. */
export type RowTruth = { readonly line: number } & (
  | ({ readonly kind: 'event' } & EventTruth)
  | ({ readonly kind: 'song' } & SongTruth)
  | { readonly kind: 'not_kept' }
  | { readonly kind: 'rejected'; readonly column: string; readonly text: string }
);

/** What has to become of a file. */
export type FileTruth =
  | { readonly kind: 'rows'; readonly rows: readonly RowTruth[] }
  | { readonly kind: 'quarantined'; readonly code: string };

/** How the text becomes the bytes of the object; `cut` and `corrupt` are archives that do not unpack to their end. */
export type Packing = 'plain' | 'gzip' | 'members' | 'cut' | 'corrupt';

/** A file as somebody puts it, with the truth about it: whoever wrote the text knew what it means. */
export type Upload = { readonly text: string; readonly packing: Packing; readonly truth: FileTruth };

/** Stands in a text for a byte that is not UTF-8. */
export const NOT_UTF_8 = '\ue000';

/** The bytes as S3 gets them. */
export function bytesOf({ packing, text }: Upload): Uint8Array {
  const [first = '', ...others] = text.split(NOT_UTF_8);
  const bytes = Buffer.concat([
    Buffer.from(first),
    ...others.flatMap((part) => [Buffer.from([0xff]), Buffer.from(part)]),
  ]);
  switch (packing) {
    case 'plain':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'members': {
      const middle = Math.floor(bytes.byteLength / 2);
      return Buffer.concat(
        [bytes.subarray(0, middle), Buffer.alloc(0), bytes.subarray(middle)].map((one) => gzipSync(one)),
      );
    }
    case 'cut':
      return gzipSync(bytes).subarray(0, -5);
    case 'corrupt': {
      // The checksum stands in the last eight bytes, before the length (RFC 1952, "Member header and trailer").
      const archive = gzipSync(bytes);
      archive[archive.byteLength - 7] = (archive.at(-7) ?? 0) ^ 0xff;
      return archive;
    }
  }
}
