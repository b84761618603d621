import { cidrText, parseCidr } from './cidr.ts';

/** The smallest subnet that AWS accepts (VPC user guide, subnet sizing). */
const SMALLEST_SUBNET_BITS = 28;

/**
 * Divides the addresses of a VPC into equal subnets, one per zone: the largest that fit as a power of two, from the
 * first address on, so that a zone that is added later leaves the others where they are as long as the power of two
 * does not change.
 *
 * @throws Error when the text is not a range, or the range is too small for the subnets.
 */
export function subnetCidrs(vpcCidr: string, zones: number): readonly string[] {
  const vpc = parseCidr(vpcCidr);
  if (vpc === null) throw new Error(`${vpcCidr} is not a range of addresses such as 10.42.0.0/24`);
  const bits = vpc.bits + Math.ceil(Math.log2(Math.max(1, zones)));
  if (bits > SMALLEST_SUBNET_BITS) {
    throw new Error(`${vpcCidr} is too small for ${zones} subnets of /${SMALLEST_SUBNET_BITS}; choose a larger range`);
  }
  const size = 2 ** (32 - bits);
  return Array.from({ length: zones }, (_, zone) => cidrText({ first: vpc.first + zone * size, bits }));
}
