/** A range of IPv4 addresses: `first` and the length of the prefix. */
export type Cidr = { readonly first: number; readonly bits: number };

/** How many addresses a range has. */
export function cidrSize({ bits }: Cidr): number {
  return 2 ** (32 - bits);
}

/** Reads `10.0.0.0/16`. `null` for other texts, and when the address is not the first of its range. */
export function parseCidr(text: string): Cidr | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return null;
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = match.slice(1).map(Number);
  if (Math.max(a, b, c, d) > 255 || bits > 32) return null;
  const cidr = { first: ((a * 256 + b) * 256 + c) * 256 + d, bits };
  return cidr.first % cidrSize(cidr) === 0 ? cidr : null;
}

/** The text of a range; what `parseCidr` reads. */
export function cidrText({ first, bits }: Cidr): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join('.')}/${bits}`;
}
