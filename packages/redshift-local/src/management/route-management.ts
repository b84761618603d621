import { randomUUID } from 'node:crypto';
import type { Cluster } from './cluster.ts';
import { describeCluster } from './describe-cluster.ts';
import type { XmlValue } from './xml.ts';
import { toXml } from './xml.ts';

const namespace = 'http://redshift.amazonaws.com/doc/2012-12-01/';

/** The effect of pausing on the rest of the stand-in. */
export type ClusterControl = { readonly cluster: Cluster; pause(): Promise<void> };

/** An error of the management API, with its code and status (Redshift API reference). */
class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/**
 * Answers one call of the management API (AWS query protocol, XML).
 *
 * @returns HTTP status and XML body; never throws.
 */
export function routeManagement(control: ClusterControl, body: string): { status: number; body: string } {
  const input = new URLSearchParams(body);
  const action = input.get('Action') ?? '';
  const requestId = randomUUID();
  try {
    const result = perform(control, action, input);
    const reply = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
    return { status: 200, body: `<${action}Response xmlns="${namespace}">${toXml(reply)}</${action}Response>` };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const reply = { Error: { Type: 'Sender', Code: error.code, Message: error.message }, RequestId: requestId };
    return { status: error.status, body: `<ErrorResponse xmlns="${namespace}">${toXml(reply)}</ErrorResponse>` };
  }
}

function perform(control: ClusterControl, action: string, input: URLSearchParams): XmlValue {
  const { cluster } = control;
  switch (action) {
    case 'DescribeClusters': {
      if (input.has('ClusterIdentifier')) requireCluster(cluster, input);
      return { Clusters: { item: 'Cluster', values: [describeCluster(cluster)] } };
    }
    case 'PauseCluster': {
      requireCluster(cluster, input);
      if (cluster.status !== 'available') throw wrongState(cluster, 'paused', 'available');
      start(cluster.change('pausing', 'paused', async () => await control.pause()));
      return { Cluster: describeCluster(cluster) };
    }
    case 'ResumeCluster': {
      requireCluster(cluster, input);
      if (cluster.status !== 'paused') throw wrongState(cluster, 'resumed', 'paused');
      start(cluster.change('resuming', 'available', nothing));
      return { Cluster: describeCluster(cluster) };
    }
    case 'ModifyCluster': {
      requireCluster(cluster, input);
      if (cluster.status !== 'available') throw wrongState(cluster, 'modified', 'available');
      start(cluster.change('modifying', 'available', nothing));
      return { Cluster: describeCluster(cluster) };
    }
    default:
      throw new Refusal(400, 'InvalidAction', `Could not find operation ${action} for version 2012-12-01`);
  }
}

const nothing = async (): Promise<void> => {
  await Promise.resolve();
};

/** A caller learns of the end from the cluster's status. What can fail is a database that has ended, which ends all. */
function start(change: Promise<void>): void {
  change.catch(() => undefined);
}

function requireCluster(cluster: Cluster, input: URLSearchParams): void {
  const wanted = input.get('ClusterIdentifier');
  if (wanted === null || wanted === '')
    throw new Refusal(400, 'MissingParameter', 'The request must contain the parameter ClusterIdentifier.');
  if (wanted !== cluster.identifier) throw new Refusal(404, 'ClusterNotFound', `Cluster ${wanted} not found.`);
}

function wrongState(cluster: Cluster, verb: string, needed: string): Refusal {
  return new Refusal(
    400,
    'InvalidClusterState',
    `Cluster ${cluster.identifier} is ${cluster.status}; it can be ${verb} only when it is ${needed}.`,
  );
}
