import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What a proxy does with a call: hand the answer on, or let the effect happen and lose the answer, or lose the call. */
export type Fate = 'answer' | 'lose_answer' | 'lose_call';

/** A call of the Data API. `statements`: of BatchExecuteStatement. */
export type ProxiedCall = {
  readonly operation: string;
  readonly statementName: string;
  readonly statements: readonly string[];
};

export type LosingProxy = {
  readonly url: string;
  /** Operations that went through, in order: `BatchExecuteStatement sparkify know …`. */
  readonly calls: readonly string[];
  stop(): Promise<void>;
};

/** Stands between an SDK client and the Data API and does to each call what `fate` says. */
export async function startLosingProxy(target: string, fate: (call: ProxiedCall) => Fate): Promise<LosingProxy> {
  const calls: string[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await buffer(incoming);
      const operation = (incoming.headers['x-amz-target'] ?? '').toString().split('.').at(-1) ?? '';
      const { Sqls: statements = [], StatementName: statementName = '' } = JSON.parse(
        body.toString() || '{}',
      ) as Submitted;
      calls.push(`${operation} ${statementName}`.trim());
      const end = fate({ operation, statementName, statements });
      if (end === 'lose_call') {
        incoming.socket.destroy();
        return;
      }
      const answer = await forward(target, incoming, body);
      if (end === 'lose_answer') {
        incoming.socket.destroy();
        return;
      }
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Submitted = { readonly StatementName?: string; readonly Sqls?: readonly string[] };

async function forward(target: string, incoming: IncomingMessage, body: Buffer) {
  return await new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
    const { headers, method, url } = incoming;
    const outgoing = request(new URL(url ?? '/', target), { method: method ?? 'POST', headers }, (answer) => {
      buffer(answer).then((answered) => {
        const type = answer.headers['content-type'] ?? 'application/x-amz-json-1.1';
        const error = answer.headers['x-amzn-errortype'];
        const named = typeof error === 'string' ? { 'x-amzn-errortype': error } : {};
        resolve({ status: answer.statusCode ?? 500, headers: { 'content-type': type, ...named }, body: answered });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
