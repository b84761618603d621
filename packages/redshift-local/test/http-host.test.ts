import { expect, it } from 'vitest';
import { foreignHost } from '../src/http-host.ts';

it('a server on a loopback address answers to names of this machine only', () => {
  const own = ['127.0.0.1:4567', 'localhost', 'LOCALHOST:80', 'bucket.s3.localhost:4566', '[::1]:4567', '127.1.2.3'];
  for (const host of own) expect(foreignHost(host, '127.0.0.1'), host).toBeNull();
  const foreign = ['evil.example:4567', 'localhost.evil.example', '10.0.0.1', 'localhost:80:80', '', undefined];
  for (const host of foreign) expect(foreignHost(host, 'localhost'), host).toContain('Host header');
});

it('a server on another address answers to every name', () => {
  for (const address of ['0.0.0.0', '::', '192.0.2.1']) expect(foreignHost('redshift:4567', address)).toBeNull();
});
