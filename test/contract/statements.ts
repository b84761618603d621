import { setTimeout as pause } from 'node:timers/promises';
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
import type { DescribeStatementResponse, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { ContractSettings } from './settings.ts';

/** Statements of one run, at most; each statement of a transaction counts. Most are those of `migrate`, the loads and `verify`. */
export const MOST_STATEMENTS = 300;

/** Counts what the client sends, and refuses what is above the bound. */
export function countStatements(client: RedshiftDataClient): { sent(): number } {
  let sent = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as { Sql?: string; Sqls?: readonly string[] };
      sent += input.Sqls?.length ?? (input.Sql === undefined ? 0 : 1);
      if (sent > MOST_STATEMENTS) throw new Error(`The contract sends at most ${MOST_STATEMENTS} statements.`);
      return await next(args);
    },
    { step: 'initialize', name: 'countStatements' },
  );
  return { sent: () => sent };
}

export type Outcome = DescribeStatementResponse & { readonly rows: readonly (readonly unknown[])[] };

/** Statements of the contract's own, beside those of the service. */
export class Statements {
  readonly #client: RedshiftDataClient;
  readonly #target: Record<string, string>;
  readonly #signal: AbortSignal;

  constructor(client: RedshiftDataClient, { target }: ContractSettings, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
    this.#target = {
      Database: target.database,
      ...(target.clusterIdentifier === null ? {} : { ClusterIdentifier: target.clusterIdentifier }),
      ...(target.workgroupName === null ? {} : { WorkgroupName: target.workgroupName }),
      ...(target.dbUser === null ? {} : { DbUser: target.dbUser }),
    };
  }

  /** Runs one statement to its end; a statement that fails is an outcome. `sessionId`: in that session. */
  async run(sql: string, sessionId?: string): Promise<Outcome> {
    const place = sessionId === undefined ? this.#target : { SessionId: sessionId, SessionKeepAliveSeconds: 120 };
    const { Id = '' } = await this.#client.send(new ExecuteStatementCommand({ ...place, Sql: sql }), this.#options());
    return await this.finish(Id);
  }

  /** @throws Error with the statement's own when it fails. */
  async mustRun(sql: string, sessionId?: string): Promise<Outcome> {
    const outcome = await this.run(sql, sessionId);
    if (outcome.Status !== 'FINISHED') throw new Error(`${sql}: ${outcome.Error ?? outcome.Status ?? ''}`);
    return outcome;
  }

  async openSession(sql: string): Promise<string> {
    const input = { ...this.#target, Sql: sql, SessionKeepAliveSeconds: 120 };
    const { Id = '', SessionId = '' } = await this.#client.send(new ExecuteStatementCommand(input), this.#options());
    await this.finish(Id);
    return SessionId;
  }

  /** Starts a transaction and does not wait for it. */
  async start(sqls: readonly string[]): Promise<string> {
    const input = { ...this.#target, Sqls: [...sqls] };
    const { Id = '' } = await this.#client.send(new BatchExecuteStatementCommand(input), this.#options());
    return Id;
  }

  async status(id: string): Promise<DescribeStatementResponse> {
    return await this.#client.send(new DescribeStatementCommand({ Id: id }), this.#options());
  }

  async finish(id: string): Promise<Outcome> {
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 2_000)) {
      const described = await this.status(id);
      if (described.Status === 'FINISHED' && described.HasResultSet === true && described.SubStatements === undefined) {
        const { Records = [] } = await this.#client.send(new GetStatementResultCommand({ Id: id }), this.#options());
        return { ...described, rows: Records.map((row) => row.map((field) => Object.values(field)[0] as unknown)) };
      }
      if (['FINISHED', 'FAILED', 'ABORTED'].includes(described.Status ?? '')) return { ...described, rows: [] };
      await pause(waitMs, undefined, { signal: this.#signal });
    }
  }

  #options(): { abortSignal: AbortSignal } {
    return { abortSignal: this.#signal };
  }
}
