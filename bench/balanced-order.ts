/**
 * Orders in which `count` things take turns, so that over all orders each comes first, second, … equally often and
 * follows each other one equally often (a Williams design): neither a place in the round nor the neighbour before
 * favours anybody. As many orders as things, twice as many for an odd number.
 */
export function balancedOrders(count: number): readonly (readonly number[])[] {
  // 0, 1, n-1, 2, n-2, …: all steps between neighbours are different.
  const zigzag = Array.from({ length: count }, (_, place) =>
    place % 2 === 1 ? (place + 1) / 2 : (count - place / 2) % count,
  );
  const orders = zigzag.map((_, shift) => zigzag.map((index) => (index + shift) % count));
  return count % 2 === 0 ? orders : [...orders, ...orders.map((order) => order.toReversed())];
}
