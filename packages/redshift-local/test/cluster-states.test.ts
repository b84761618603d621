import { expect, it } from 'vitest';
import { chooseTarget } from '../src/data-api/choose-target.ts';
import type { DataApi } from '../src/data-api/data-api.ts';
import { InputReader } from '../src/data-api/read-input.ts';
import { Cluster } from '../src/management/cluster.ts';

const input = { ClusterIdentifier: 'one', Database: 'dev' };
const options = { inSession: false, databaseRequired: true };

/** What a call gets while the cluster is in that state. */
function answer(cluster: Cluster): string {
  try {
    return chooseTarget({ cluster } as DataApi, new InputReader(input), options).database;
  } catch (error) {
    return String(error);
  }
}

it.each(['pausing', 'resuming', 'modifying'] as const)(
  'a cluster that is %s takes no statements until that is over, even when it fails',
  async (during) => {
    const endpoint = { host: '127.0.0.1', port: 5439 };
    const facts = { identifier: 'one', database: 'dev', masterUser: 'me', region: 'us-east-1', roleArns: [], endpoint };
    const cluster = new Cluster(facts);
    const after = during === 'pausing' ? 'paused' : 'available';
    const work = Promise.withResolvers<undefined>();
    const change = cluster.change(during, after, async () => {
      await work.promise;
    });
    expect(answer(cluster)).toBe(`ApiError: Cluster one is ${during} and accepts no statements.`);
    work.reject(new Error('the database has ended'));
    await expect(change).rejects.toThrow('ended');
    const paused = 'ApiError: Cluster one is paused and accepts no statements.';
    expect(answer(cluster)).toBe(during === 'pausing' ? paused : 'dev');
  },
);
