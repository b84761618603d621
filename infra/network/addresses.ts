/** AWS keeps five addresses of every subnet (VPC user guide, "Subnet CIDR blocks"). */
const KEPT_BY_AWS = 5;

/** What takes addresses of a subnet of the stack. */
export type Inhabitants = {
  /** RPUs of a workgroup that routes through the VPC, otherwise 0. */
  readonly routedCapacity: number;
  /** Nodes of a cluster, otherwise 0. */
  readonly nodes: number;
  readonly interfaceEndpoints: number;
  readonly tasks: number;
};

/**
 * How many addresses a subnet must have in the worst case, when all tasks are in it: the workgroup's share (Redshift
 * Serverless, "Considerations": 9 for 4 and 8 RPUs, 13 for 16 and 32, 21, 37, 69, 133 for each doubling), or the
 * cluster with its leader node; one for each endpoint; each task twice, as a deployment runs both.
 */
export function addressesNeeded({ routedCapacity, nodes, interfaceEndpoints, tasks }: Inhabitants): number {
  const workgroup =
    routedCapacity === 0 ? 0 : routedCapacity <= 8 ? 9 : Math.max(13, 5 + Math.ceil(routedCapacity / 4));
  const cluster = nodes === 0 ? 0 : nodes + 1;
  return KEPT_BY_AWS + workgroup + cluster + interfaceEndpoints + 2 * tasks;
}
