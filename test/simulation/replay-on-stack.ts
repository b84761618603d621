import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { BUCKET } from '../../simulation/bucket.ts';
import type { ObjectVersion } from '../../simulation/bucket.ts';
import type { History } from '../../simulation/history.ts';
import { operationLine } from '../../simulation/history.ts';
import type { Statement } from '../../simulation/model/statements.ts';
import { runHistory } from '../../simulation/run-history.ts';
import { ROUTE } from '../../simulation/service.ts';
import type { RanTransaction } from '../../simulation/warehouse.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { SqlValues } from '../../src/core/loading/load-plan.ts';
import type { Row, StatementResult, WarehouseSession } from '../../src/core/ports.ts';
import { sqlSchema, sqlText } from '../../src/core/sql/sql-literal.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { FORGET_LINEAGE } from '../support/forget-lineage.ts';
import type { Loading } from '../support/loading.ts';
import type { TestStack } from '../support/stack.ts';
import { COMPARED_TABLES, realTables, simulatedTables } from './compared-tables.ts';

type Happened =
  | { readonly kind: 'put'; readonly version: ObjectVersion }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'transaction'; readonly ran: RanTransaction }
  | { readonly kind: 'upgrade' };

type Place = { readonly stack: TestStack; readonly loading: Loading };

const NEVER = new AbortController().signal;
const LIBRARY = openSqlLibrary();
let tokens = 0;

/**
 * Runs a history in the simulation and everything that reached its bucket and its warehouse again on the embedded stack:
 * the same objects, the same transactions of the real loader in the same sessions and the same order, as the real SQL. Every
 * answer and every table has to be what the model said.
 *
 * @returns how many transactions were compared.
 */
export async function replayOnStack(history: History, at: Place): Promise<number> {
  const happened: Happened[] = [];
  // COPY reads nothing but what the loader wrote.
  const isWorkFile = (key: string) => key.startsWith(ROUTE.workPrefix);
  const run = await runHistory(history, {
    onRun: (ran) => void happened.push({ kind: 'transaction', ran }),
    onUpgrade: () => void happened.push({ kind: 'upgrade' }),
    bucketWatcher: {
      onPut: (version) => {
        if (isWorkFile(version.key)) happened.push({ kind: 'put', version });
      },
      onRemove: (key) => void happened.push({ kind: 'remove', key }),
    },
  });
  expect(run.violations).toEqual([]);
  const replay = new Replay(at);
  try {
    await replay.empty();
    for (const one of happened) await replay.step(one);
    expect(await realTables(at.loading)).toEqual(simulatedTables(run.tables));
  } catch (error) {
    const lines = history.operations.map(operationLine).join('\n');
    throw new Error(`Seed ${history.seed}: the model and the SQL differ. The history:\n${lines}`, { cause: error });
  } finally {
    await replay.clean();
  }
  return replay.compared;
}

class Replay {
  compared = 0;
  readonly #stack: TestStack;
  readonly #loading: Loading;
  readonly #sessions = new Map<number, WarehouseSession>();
  readonly #keys = new Set<string>();
  /** Plans of retractions: the text of the model, and of the stack. */
  readonly #plans = new Map<string, string>();

  constructor({ loading, stack }: Place) {
    this.#stack = stack;
    this.#loading = loading;
  }

  async empty(): Promise<void> {
    await this.#loading.rows(COMPARED_TABLES.map((table) => `delete from ${table}`).join('; '));
  }

  async clean(): Promise<void> {
    for (const key of this.#keys) await this.#remove(key);
  }

  async step(one: Happened): Promise<void> {
    if (one.kind === 'put') await this.#put(one.version);
    else if (one.kind === 'remove') await this.#remove(one.key);
    else if (one.kind === 'upgrade') await this.#loading.rows(FORGET_LINEAGE);
    // What was refused or rolled back for no reason of its own left no trace.
    else if (one.ran.error !== null && !one.ran.isArbitrary) await this.#expectRefusal(one.ran, one.ran.error);
    else if (one.ran.isCommitted === true) await this.#expectRows(one.ran);
  }

  async #put({ bytes, key }: ObjectVersion): Promise<void> {
    const body = key.endsWith('.gz')
      ? bytes
      : Buffer.from(Buffer.from(bytes).toString().replaceAll(BUCKET, this.#bucket));
    this.#keys.add(key);
    await this.#stack.s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body }));
  }

  async #remove(key: string): Promise<void> {
    if (!this.#keys.delete(key)) return;
    await this.#stack.s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }

  async #expectRows(ran: RanTransaction): Promise<void> {
    const session = this.#session(ran);
    const results = await this.#run(ran);
    for (const [index, modelled] of ran.rows.entries()) {
      const result = results[index];
      if (modelled === null || result === undefined) continue;
      const rows = await session.rows(result, NEVER);
      // Who was there in the last ten minutes: here all of a history is over in seconds.
      const columns = Object.keys(modelled[0] ?? {}).filter((column) => column !== 'live_consumers');
      const expected = modelled.map((row) => withoutChecksum(rowText(row, columns)).replaceAll(BUCKET, this.#bucket));
      const found = rows.map((row) => withoutChecksum(rowText(row, columns)));
      expect(found.toSorted(), named(ran)).toEqual(expected.toSorted());
      this.#rememberPlan(modelled[0], rows[0]);
    }
    this.compared += 1;
  }

  /** The plan of a retraction, which its publish repeats, has a checksum over object ids, which follow from the name of the bucket. */
  #rememberPlan(modelled: Row | undefined, found: Row | undefined): void {
    const [plan, real] = [modelled?.['counts_as_planned'], found?.['counts_as_planned']];
    if (typeof plan === 'string' && typeof real === 'string') this.#plans.set(plan, real);
  }

  async #expectRefusal(ran: RanTransaction, code: string): Promise<void> {
    try {
      await this.#run(ran);
    } catch (error) {
      if (!(error instanceof IngestError)) throw error;
      expect(error.code, named(ran)).toBe(code);
      this.compared += 1;
      return;
    }
    throw new Error(`The model refuses "${named(ran)}" with ${code} and the warehouse does not.`);
  }

  /** @returns for each of the model's statements the result of the last one that it stands for. */
  async #run(ran: RanTransaction): Promise<readonly StatementResult[]> {
    tokens += 1;
    const texts = ran.statements.map((statement) => this.#sql(statement));
    const results = await this.#session(ran).transaction({
      ...{ name: 'conformance', token: `conformance-${process.pid}-${tokens}`, signal: NEVER },
      isLasting: true,
      statements: texts.flat(),
    });
    let end = -1;
    return texts.flatMap(({ length }) => results[(end += length)] ?? []);
  }

  #sql(statement: Statement): readonly string[] {
    const { copyRoleArn, schema } = this.#loading.settings;
    switch (statement.kind) {
      case 'copy':
        return [
          statement.text.replaceAll(BUCKET, this.#bucket).replace(/iam_role '[^']*'/, `iam_role '${copyRoleArn}'`),
        ];
      case 'sql': {
        const source = LIBRARY.source(statement.path);
        const used = Object.entries(statement.values).filter(([name]) => source.includes(`${name}}}`));
        const { planned } = statement.values;
        const real = planned?.kind === 'text' ? this.#plans.get(planned.text) : undefined;
        return LIBRARY.fill([statement.path], {
          ...Object.fromEntries(used),
          ...schemaOf(statement, schema),
          ...(real === undefined ? {} : { planned: sqlText(real) }),
        });
      }
    }
  }

  #session({ session }: RanTransaction): WarehouseSession {
    const open =
      this.#sessions.get(session) ??
      this.#loading.warehouse.openSession([`set search_path to "${this.#loading.settings.schema}"`]);
    this.#sessions.set(session, open);
    return open;
  }

  get #bucket(): string {
    return this.#loading.settings.bucket;
  }
}

/** The model's lock is in a schema of its own. */
function schemaOf({ values }: Extract<Statement, { kind: 'sql' }>, schema: string): SqlValues {
  return 'schema' in values ? { schema: sqlSchema(schema) } : {};
}

/** The model names the versions of which the SQL has the checksum. */
function withoutChecksum(text: string): string {
  return text.replace(/(versions \d+) [^,"]+/, '$1');
}

function rowText(row: Row, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => [column, String(row[column]).trim()]));
}

function named(ran: RanTransaction): string {
  return ran.statements.map((one) => (one.kind === 'sql' ? one.path : one.kind)).join(', ');
}
