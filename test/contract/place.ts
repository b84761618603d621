import { DeleteObjectsCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Statements } from './statements.ts';

/** A schema and a prefix of the run's own, each with a marker. Nothing else is ever dropped or deleted. */
export class ContractPlace {
  readonly schema: string;
  readonly prefix: string;
  readonly #run: string;
  readonly #bucket: string;
  readonly #s3: S3Client;

  constructor(input: { run: string; bucket: string; s3: S3Client }) {
    this.schema = `sparkify_contract_${input.run}`;
    this.prefix = `sparkify-contract/${input.run}/`;
    this.#run = input.run;
    this.#bucket = input.bucket;
    this.#s3 = input.s3;
  }

  async make(statements: Statements): Promise<void> {
    await this.put('marker', this.#run);
    // One transaction: a schema without its marker would stay.
    const marked = await statements.start([
      `create schema ${this.schema}`,
      `create table ${this.schema}.contract_marker as select '${this.#run}'::varchar(16) as run`,
      `comment on column ${this.schema}.contract_marker.run is 'The run that drops the schema.'`,
    ]);
    const { Status, Error: problem = '' } = await statements.finish(marked);
    if (Status !== 'FINISHED') throw new Error(`The schema ${this.schema} cannot be created: ${problem}`);
  }

  /** @param name below the prefix. */
  async put(name: string, body: string): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: this.prefix + name, Body: body }));
  }

  /** Drops and deletes what the run has made; `statements` must not be stopped by the signal that ended the run. */
  async remove(statements: Statements): Promise<void> {
    const marker = await statements.run(`select run from ${this.schema}.contract_marker`);
    if (marker.rows[0]?.[0] === this.#run) await statements.mustRun(`drop schema ${this.schema} cascade`);
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.#bucket, Prefix: this.prefix },
    )) {
      if (Contents.length === 0) continue;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      await this.#s3.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }));
    }
  }
}
