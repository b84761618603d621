import type { ErrorCode } from '../src/core/errors.ts';
import { IngestError } from '../src/core/errors.ts';
import type { Row, StatementResult, Warehouse, WarehouseSession } from '../src/core/ports.ts';
import type { Dice } from '../src/generate/dice.ts';
import type { ObjectVersion } from './bucket.ts';
import { beforeCommit } from './check-commit.ts';
import type { Fault } from './faults.ts';
import { isArbitrary } from './model/refusals.ts';
import type { Statement, Steps } from './model/statements.ts';
import { readStatement, runStatement, takesLock, writesLedger } from './model/statements.ts';
import type { Tables } from './model/tables.ts';
import { DoubleRow, STAR_TABLES, TABLE_NAMES, drafts, emptyTables, forgetLineage } from './model/tables.ts';
import { TemporaryTables } from './model/transaction.ts';
import type { SimulatedProcess } from './process.ts';
import { cutOff } from './process.ts';
import type { World } from './world.ts';

/** A transaction as it was run, for running it again elsewhere. */
export type RanTransaction = {
  readonly session: number;
  readonly statements: readonly Statement[];
  /** Of each statement that ran; `null`: the statement has none. */
  readonly rows: readonly (readonly Row[] | null)[];
  readonly error: ErrorCode | null;
  /** Another warehouse would not refuse it. */
  readonly isArbitrary: boolean;
  /** `null` while it runs. */
  isCommitted: boolean | null;
};

type Result = {
  readonly rows: readonly (readonly Row[] | null)[];
  readonly queryIds: readonly number[];
  /** All of it by the last statement. */
  readonly durationMs: number;
};
type Input = Parameters<WarehouseSession['transaction']>[0];
type Server = {
  readonly name: string;
  readonly token: string;
  readonly statements: readonly string[];
  readonly session: Session;
  readonly fault: Fault | null;
  /** It is no longer waited for. */
  readonly isCancelled: () => boolean;
};

type Session = { number: number; generation: number; temporary: TemporaryTables };

/**
 * The warehouse: transactions that see what was committed when they began, one lock, temporary tables by session. A
 * transaction that takes the lock does all its work at its end, which nobody can tell from the outside: it holds the lock
 * from the beginning. One that does not works at its beginning and is visible at its end.
 */
export class SimulatedWarehouse {
  readonly tables: Tables = emptyTables();
  readonly #world: World;
  readonly #read: (key: string) => ObjectVersion | null;
  readonly #onRun: ((ran: RanTransaction) => void) | null;
  readonly #onUpgrade: (() => void) | null;
  readonly #steps: Steps;
  readonly #dice: Dice;
  readonly #tokens = new Set<string>();
  #lockQueue: (() => void)[] = [];
  #isLocked = false;
  #upgradedAtMs = 0;
  /** Goes up with every restart, which takes all sessions along. */
  #generation = 1;
  #sessions = 0;
  #queries = 0;

  constructor(
    world: World,
    parts: {
      read: (key: string) => ObjectVersion | null;
      onRun: ((ran: RanTransaction) => void) | null;
      onUpgrade: (() => void) | null;
      steps: Steps;
    },
  ) {
    this.#world = world;
    this.#read = parts.read;
    this.#onRun = parts.onRun;
    this.#onUpgrade = parts.onUpgrade;
    this.#steps = parts.steps;
    this.#dice = world.dice('warehouse');
  }

  /** Every transaction under way is rolled back and every session ends. */
  restart(): void {
    this.#world.say(() => 'warehouse: restarts');
    this.#generation += 1;
  }

  /** Epoch ms; 0: it was never upgraded. */
  get upgradedAtMs(): number {
    return this.#upgradedAtMs;
  }

  /** The migration to the lineage, after which all programs are new ones. */
  upgrade(): void {
    this.restart();
    this.#upgradedAtMs = this.#world.scheduler.nowMs;
    forgetLineage(this.tables);
    this.#onUpgrade?.();
  }

  /** The port as one process has it. */
  forProcess(process: SimulatedProcess): Warehouse {
    let calls = 0;
    return {
      roundTrips: () => calls,
      openSession: () => {
        let session = this.#newSession();
        const results = new Map<string, readonly Row[]>();
        return {
          reset: () => {
            session = this.#newSession();
          },
          transaction: async (input) => {
            calls += 2;
            const { durationMs: takenMs, queryIds, rows } = await this.#submit(process, session, input);
            return rows.map((ofOne, index): StatementResult => {
              const id = `${input.token}:${index + 1}`;
              if (ofOne !== null) results.set(id, ofOne);
              const queryId = queryIds[index] ?? null;
              const durationMs = index === rows.length - 1 ? takenMs : 0;
              return { id, queryId, durationMs, resultRows: ofOne?.length ?? 0, hasResultSet: ofOne !== null };
            });
          },
          rows: async (statement, signal) => {
            calls += 1;
            // eslint-disable-next-line @typescript-eslint/require-await -- the other side answers with a promise
            const serve = async () => results.get(statement.id) ?? [];
            return await process.call({
              ...{ target: 'warehouse', operation: 'rows', serve, signal },
              onAbort: () => cutOff('rows'),
            });
          },
        };
      },
    };
  }

  async #submit(process: SimulatedProcess, session: Session, input: Input): Promise<Result> {
    const { name, signal, statements, token } = input;
    if (signal.aborted) throw new IngestError('aborted', `"${name}" was not begun.`);
    return await process.call({
      target: 'warehouse',
      operation: name.split(' ')[1] ?? name,
      codeWhenLost: input.isLasting ? 'outcome_unknown' : 'endpoint_unreachable',
      signal,
      onAbort: () => new IngestError('aborted', `"${name}" was cancelled.`),
      serve: async (fault) => {
        const cancels = this.#dice.chance(0.5);
        return await this.#serve(process, {
          ...{ name, token, statements, session, fault },
          isCancelled: () => signal.aborted && process.isAlive && cancels,
        });
      },
    });
  }

  async #serve(process: SimulatedProcess, input: Server): Promise<Result> {
    const { fault, name, session, token } = input;
    if (this.#tokens.has(token)) this.#world.violate(`the token ${token} was used for two transactions`);
    this.#tokens.add(token);
    if (fault?.kind === 'session_lost' || session.generation !== this.#generation) {
      Object.assign(session, this.#newSession());
      throw new IngestError('session_lost', `The session of "${name}" does not exist.`);
    }
    if (fault?.kind === 'tables_gone') Object.assign(session, this.#newSession());
    if (fault?.kind === 'late') await this.#world.scheduler.sleep(this.#dice.between(1_000, 90_000));
    this.#world.say(() => `${process.name}: warehouse runs "${name}"`);
    const statements = input.statements.map(readStatement);
    const isLocking = takesLock(statements);
    const generation = this.#generation;
    if (isLocking) await this.#lock();
    try {
      return await this.#run(process, input, { statements, isLocking, generation });
    } finally {
      if (isLocking) this.#unlock();
    }
  }

  async #run(
    process: SimulatedProcess,
    { fault, isCancelled, name, session }: Server,
    begun: { statements: readonly Statement[]; isLocking: boolean; generation: number },
  ): Promise<Result> {
    const { generation, isLocking, statements } = begun;
    const { scheduler } = this.#world;
    const takesMs = this.#dice.chance(0.95) ? this.#dice.between(5, 400) : this.#dice.between(400, 8_000);
    const willRollBack = fault?.kind === 'rolled_back';
    if (isLocking) await scheduler.sleep(takesMs);
    const ended = generation !== this.#generation || willRollBack || isCancelled();
    const work = isLocking && ended ? null : this.#work(session, statements);
    if (!isLocking) await scheduler.sleep(takesMs);
    const why = this.#endedBy({ name, fault, isOver: generation !== this.#generation, isCancelled });
    if (work !== null) work.ran.isCommitted = why === null && work.error === null;
    if (work === null || why !== null) {
      this.#world.say(() => `${process.name}: warehouse rolls "${name}" back`);
      throw why ?? new IngestError('aborted', `"${name}" was cancelled.`);
    }
    if (work.error !== null) {
      const { error } = work;
      this.#world.say(() => `${process.name}: warehouse refuses "${name}": ${error.message}`);
      throw error;
    }
    work.commit();
    this.#world.say(() => `${process.name}: warehouse commits "${name}"`);
    return { ...work.result, durationMs: takesMs };
  }

  #endedBy(end: {
    name: string;
    fault: Fault | null;
    isOver: boolean;
    isCancelled: () => boolean;
  }): IngestError | null {
    const { fault, name } = end;
    if (end.isOver) return new IngestError('warehouse_unavailable', `"${name}" ended: the warehouse restarts.`);
    if (fault?.kind === 'rolled_back') return new IngestError(fault.code, `"${name}" was rolled back.`);
    return end.isCancelled() ? new IngestError('aborted', `"${name}" was cancelled.`) : null;
  }

  /** Runs the statements on a draft. `commit` makes it everybody's. */
  #work(session: Session, statements: readonly Statement[]) {
    const tables = drafts(this.tables);
    const temporary = session.temporary.copy();
    const nowMs = this.#world.scheduler.nowMs;
    const transaction = { tables, temporary, nowMs, read: this.#read };
    const rows: (readonly Row[] | null)[] = [];
    const queryIds: number[] = [];
    let error: IngestError | null = null;
    for (const statement of statements) {
      this.#queries += 1;
      queryIds.push(this.#queries);
      try {
        rows.push(runStatement(transaction, statement, this.#steps));
      } catch (thrown) {
        error = this.#refusal(thrown);
        break;
      }
    }
    const ran: RanTransaction = {
      ...{ session: session.number, statements, rows, isCommitted: null },
      error: error?.code ?? null,
      isArbitrary: error !== null && isArbitrary(error),
    };
    this.#onRun?.(ran);
    const commit = () => {
      session.temporary = temporary;
      const check = writesLedger(statements) ? beforeCommit(this.#world, this.tables, transaction) : null;
      if (STAR_TABLES.some((name) => tables[name].isChanged) && !writesLedger(statements)) {
        this.#world.violate('P4: rows of the star are committed without the entries of the ledger');
      }
      for (const name of TABLE_NAMES) {
        for (const key of tables[name].commit()) this.#world.violate(`${name} holds ${key} twice`);
      }
      check?.();
    };
    return { ran, error, commit, result: { rows, queryIds } };
  }

  #refusal(thrown: unknown): IngestError {
    if (thrown instanceof IngestError) return thrown;
    const sentence = thrown instanceof Error ? thrown.message : String(thrown);
    this.#world.violate(thrown instanceof DoubleRow ? sentence : `the model cannot follow: ${sentence}`);
    return new IngestError('unknown', sentence);
  }

  #newSession(): Session {
    this.#sessions += 1;
    return { number: this.#sessions, generation: this.#generation, temporary: new TemporaryTables() };
  }

  async #lock(): Promise<void> {
    if (this.#isLocked) await new Promise<void>((resolve) => this.#lockQueue.push(resolve));
    this.#isLocked = true;
  }

  #unlock(): void {
    const next = this.#lockQueue.shift();
    if (next === undefined) this.#isLocked = false;
    else next();
  }
}
