import { compareKeys } from './compare-keys.ts';
import type { S3Store, StoredObject } from './fauxqs-types.ts';

type ListOptions = NonNullable<Parameters<S3Store['listObjects']>[1]>;
type Listing = ReturnType<S3Store['listObjects']>;

/** The keys of every bucket in order, sorted at the first listing after a key was added or removed. */
export type KeyOrder = {
  /** Call it when a key may have been added or removed. */
  forget(bucket: string): void;
  list(bucket: string, options: ListOptions): Listing;
};

/** @param objectsOf all objects of a bucket by key; throws when the bucket does not exist. */
export function keyOrder(objectsOf: (bucket: string) => ReadonlyMap<string, StoredObject>): KeyOrder {
  const sorted = new Map<string, readonly string[]>();
  return {
    forget: (bucket) => void sorted.delete(bucket),
    list(bucket, options) {
      const objects = objectsOf(bucket);
      const keys = sorted.get(bucket) ?? [...objects.keys()].sort(compareKeys);
      sorted.set(bucket, keys);
      return page(keys, (key) => objects.get(key), options);
    },
  };
}

function page(
  keys: readonly string[],
  objectAt: (key: string) => StoredObject | undefined,
  { prefix = '', delimiter, maxKeys = 1000, startAfter, marker }: ListOptions,
): Listing {
  const after = startAfter ?? marker ?? '';
  const result = { objects: [] as StoredObject[], commonPrefixes: [] as string[], isTruncated: false };
  for (let index = firstIndex(keys, prefix, after); index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    if (!key.startsWith(prefix)) break;
    const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    const commonPrefix = cut < 0 ? null : key.slice(0, cut + (delimiter?.length ?? 0));
    // A page that ended with this folder continues after the whole folder.
    if (commonPrefix !== null && (commonPrefix === after || commonPrefix === result.commonPrefixes.at(-1))) continue;
    if (result.objects.length + result.commonPrefixes.length >= maxKeys) return { ...result, isTruncated: true };
    const object = objectAt(key);
    if (commonPrefix !== null) result.commonPrefixes.push(commonPrefix);
    else if (object !== undefined) result.objects.push(object);
  }
  return result;
}

/** The first key that is at or after `prefix`, and after `after`. */
function firstIndex(keys: readonly string[], prefix: string, after: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = keys[middle] ?? '';
    const isBefore = compareKeys(key, prefix) < 0 || (after !== '' && compareKeys(key, after) <= 0);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
}
