import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Why a request must not be answered, or `null`. A server on a loopback address answers only to names of this machine: a web page
 * whose own name resolves to 127.0.0.1 (DNS rebinding) would otherwise reach it through a browser. A server on any other address was
 * opened on purpose and has names that it cannot know.
 *
 * @param host the request's `Host` header.
 * @param listensOn the address that the server listens on.
 */
export function foreignHost(host: string | undefined, listensOn: string): string | null {
  if (!isLoopback(listensOn) || isLoopback(hostnameOf(host ?? ''))) return null;
  return (
    `expected the Host of localhost or a loopback address, because --http listens on ${listensOn}; found ` +
    `"${host ?? ''}". Use http://127.0.0.1, or give --http another address.`
  );
}

function isLoopback(name: string): boolean {
  const version = isIP(name);
  if (version !== 0) return loopback.check(name, version === 6 ? 'ipv6' : 'ipv4');
  return name === 'localhost' || name.endsWith('.localhost');
}

function hostnameOf(host: string): string {
  return host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}
