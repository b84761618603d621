/**
 * What is known of regions without asking AWS: a plan needs no answer from there. Where this page is behind, a setting
 * of the stack says otherwise (`trustNodeType`, `availabilityZones`).
 */

/**
 * Regions with RA3 nodes: those where clusters share data, which takes RA3 (Redshift docs, "AWS Regions where data
 * sharing is available", read November 2026).
 */
const RA3_REGIONS: readonly string[] = [
  ...[
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
    'us-gov-east-1',
    'us-gov-west-1',
    'ca-central-1',
    'ca-west-1',
  ],
  ...['sa-east-1', 'af-south-1', 'il-central-1', 'me-south-1', 'me-central-1', 'cn-north-1', 'cn-northwest-1'],
  ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6'],
  'ap-southeast-7',
];

type NodeType = {
  /** Fewest nodes of a cluster (Redshift management guide, "Clusters and nodes in Amazon Redshift"). */
  readonly fewestNodes: number;
  /** Regions that have it; `null` where AWS publishes no list. */
  readonly regions: readonly string[] | null;
};

/**
 * Node types that a new cluster may have. DC2 and DS2 are left out: AWS takes no new clusters of them. RG came in May
 * 2026 and its regions are on no page that could be found, so that it takes `trustNodeType`.
 */
export const NODE_TYPES: Readonly<Record<string, NodeType>> = {
  'ra3.large': { fewestNodes: 1, regions: RA3_REGIONS },
  'ra3.xlplus': { fewestNodes: 1, regions: RA3_REGIONS },
  'ra3.4xlarge': { fewestNodes: 2, regions: RA3_REGIONS },
  'ra3.16xlarge': { fewestNodes: 2, regions: RA3_REGIONS },
  'rg.large': { fewestNodes: 1, regions: null },
  'rg.xlarge': { fewestNodes: 2, regions: null },
  'rg.4xlarge': { fewestNodes: 2, regions: null },
  'rg.12xlarge': { fewestNodes: 2, regions: null },
};

/** The smallest node that can be paused and is in every region of the list. */
export const DEFAULT_NODE_TYPE = 'ra3.large';

/** Why it is not certain that a cluster of this type can be had in a region; `null` when it can. */
export function nodeTypeProblem(nodeType: string, region: string): string | null {
  const trust = 'or set trustNodeType true if you know better';
  const known = NODE_TYPES[nodeType];
  const here = Object.keys(NODE_TYPES).filter((name) => NODE_TYPES[name]?.regions?.includes(region) === true);
  const have = here.length === 0 ? `no node type is known to be in ${region}` : `${region} has ${here.join(', ')}`;
  if (known === undefined) return `is "${nodeType}", which is no node type of a new cluster; ${have} (${trust})`;
  if (known.regions === null) return `is "${nodeType}", of which AWS does not say where it is; ${have} (${trust})`;
  return known.regions.includes(region) ? null : `is "${nodeType}", which is not in ${region}; ${have} (${trust})`;
}

/** Letters of zones in regions where they are not a, b, c; every account sees its own (EC2 docs, "Availability Zones"). */
const ODD_ZONES: Readonly<Record<string, readonly string[]>> = {
  'ap-northeast-1': ['a', 'c', 'd'],
  'ca-central-1': ['a', 'b', 'd'],
  // Each account has two of three.
  'us-west-1': [],
};

/** The first zones of a region, by letter; fewer where no letter is there for every account. */
export function zonesOf(region: string, count: number): readonly string[] {
  return (ODD_ZONES[region] ?? ['a', 'b', 'c']).slice(0, count).map((letter) => region + letter);
}
