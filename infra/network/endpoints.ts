import type { Settings } from '../settings/settings.ts';
import { interfaceEndpoints } from './interface-endpoints.ts';
import type { EndpointPlan } from './interface-endpoints.ts';

type Parts = Pick<Settings, 'warehouse' | 'consumer' | 'network'>;

/**
 * The endpoints of a VPC that has neither an internet gateway nor NAT. An existing VPC gets none: its owner knows
 * whether its ways out are NAT or endpoints, and a second endpoint with private names for one service is refused.
 *
 * Not there: the cluster's own port (the Data API is a service of AWS and connects to the warehouse from its side),
 * STS (a task's credentials come from the container agent) and Redshift's management API (temporary credentials are
 * fetched by the Data API on behalf of the caller).
 */
export function endpointsOf(settings: Parts): readonly EndpointPlan[] {
  if (settings.network.kind !== 'new') return [];
  const { warehouse, consumer } = settings;
  const consumes = consumer.kind === 'fargate';
  const bySecret = warehouse.kind === 'existing' && warehouse.serviceSecretArn !== null;
  const copies = warehouse.kind !== 'existing' && warehouse.enhancedVpcRouting;
  const s3 = [consumes && 'the consumer reads and writes files', copies && 'COPY reads them'].filter(Boolean);
  return [
    ...(s3.length > 0 ? [{ service: 's3', type: 'Gateway', reason: s3.join('; ') } as const] : []),
    ...(consumes ? interfaceEndpoints(bySecret) : []),
  ];
}
