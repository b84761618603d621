import { operationOf } from './effect.ts';
import { FaultProxy } from './fault-proxy.ts';

/** What becomes of a call: it is answered, or it has its effect and the answer is lost, or the call itself is lost. */
export type CallFate = 'answer' | 'lose_answer' | 'lose_call';

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

/** A fault proxy between an SDK client and the Data API. */
export async function startLosingProxy(target: string, fateOf: (call: ProxiedCall) => CallFate): Promise<LosingProxy> {
  const calls: string[] = [];
  const proxy = await FaultProxy.start({ AWS_ENDPOINT_URL_REDSHIFT_DATA: target });
  proxy.decide(async (_effect, forward, incoming, body) => {
    const operation = operationOf(incoming);
    const submitted = JSON.parse(body.toString()) as Submitted;
    const { Sqls: statements = [], StatementName: statementName = '' } = submitted;
    calls.push(`${operation} ${statementName}`.trim());
    const fate = fateOf({ operation, statementName, statements });
    if (fate !== 'lose_call') await forward();
    return fate === 'answer' ? 'answer' : 'lose';
  });
  return {
    url: proxy.environment['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '',
    calls,
    stop: async () => await proxy.stop(),
  };
}

type Submitted = { readonly StatementName?: string; readonly Sqls?: readonly string[] };
