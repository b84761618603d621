import { hash } from 'node:crypto';
import { remembered } from '../core/remembered.ts';

/** MD5 of the text's UTF-8 bytes in lower-case hexadecimal, as `md5()` of SQL. */
export function md5(text: string): string {
  return hash('md5', text);
}

/** A text with its length in bytes, `-` for NULL: no two lists of values written this way share a text. */
export function lengthPrefixed(text: string | null): string {
  return text === null ? '-' : `${Buffer.byteLength(text)}:${text}`;
}

/** Seconds with exactly five decimals as the digits of a whole number of 1/100000 s. */
export function hundredThousandths(secondsText: string): string {
  const [whole, fraction] = [secondsText.slice(0, -6), secondsText.slice(-5)];
  return whole === '0' ? String(Number(fraction)) : whole + fraction;
}

/**
 * By which a play and a song find each other: MD5 of title, artist name and length; `null` when one is missing. The tables
 * hold such keys, so this text never changes.
 */
export function matchKey(title: string | null, artistName: string | null, secondsText: string | null): string | null {
  if (title === null || artistName === null || secondsText === null) return null;
  return rememberedMd5(lengthPrefixed(title) + lengthPrefixed(artistName) + hundredThousandths(secondsText));
}

/** A song that many play is played again and again. */
const rememberedMd5 = remembered(md5);
