/** How many of those that share the night start a quarter of an hour or more from any other. */
export const SLOTS = 40;

/** Saturday 02:00, in minutes of that day. */
const FIRST = 2 * 60;
const APART = 15;
/** By how much the next round of slots is later, so that those of three rounds all differ. */
const SHIFT = 5;

/**
 * The cron line of the `index`-th (from 0) of those that share a Saturday, from 02:00 to noon. It
 * depends on nothing but the index, so that one more at the end moves no other.
 */
export function staggered(index: number): string {
  const round = Math.floor(index / SLOTS) % (APART / SHIFT);
  const minutes = FIRST + (index % SLOTS) * APART + round * SHIFT;
  return `${minutes % 60} ${Math.floor(minutes / 60)} * * 6`;
}
