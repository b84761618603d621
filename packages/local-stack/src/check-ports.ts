import { createServer } from 'node:net';
import { LocalStackError } from 'redshift-local';

/** A port that is about to be used, and the option that chooses another. 0 is always free. */
export type WantedPort = { readonly port: number; readonly option: string; readonly purpose: string };

/**
 * Checks all ports before anything is started, so that one message names every problem.
 *
 * @throws LocalStackError
 */
export async function checkPorts(host: string, wanted: readonly WantedPort[]): Promise<void> {
  const problems: string[] = [];
  for (const { port, option, purpose } of wanted) {
    const code = port === 0 ? null : await failureToListen(host, port);
    if (code === null) continue;
    problems.push(explain(code, host, { port, option, purpose }));
  }
  const twice = wanted.find(
    (one, index) => one.port !== 0 && wanted.findIndex(({ port }) => port === one.port) < index,
  );
  if (twice !== undefined) {
    problems.push(
      `Port ${twice.port} is given to two servers, one of them ${twice.purpose}. Choose another with ${twice.option}.`,
    );
  }
  if (problems.length > 0) throw new LocalStackError(problems.join('\n'));
}

function explain(code: string, host: string, { port, option, purpose }: WantedPort): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} (${purpose}) is in use by another program. Stop that program, or choose another port with ${option}.`;
  }
  if (code === 'EACCES') {
    return `Port ${port} (${purpose}) may not be opened by this user. Choose one above 1023 with ${option}.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `${host} is not an address of this machine (${purpose}). Choose another with --host.`;
  }
  return `Port ${port} (${purpose}) cannot be opened on ${host}: ${code}. Choose another with ${option} or --host.`;
}

async function failureToListen(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
