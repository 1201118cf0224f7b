/** The search for a limit: up through growing loads until one does not hold, then halving the gap; pure. */

export interface Search {
  /** Loads on the way up, ascending. */
  readonly ascent: readonly number[]
  /** Loads at most between the last that held and the first that did not. */
  readonly bisections: number
}

/** One load that was tried. */
export interface Tried {
  readonly load: number
  readonly held: boolean
}

/** From `from` on, each twice the one before, up to `most`, which is the last. */
export function doublings(from: number, most: number): number[] {
  const loads = []
  for (let load = from; load < most; load *= 2) loads.push(load)
  return [...loads, most]
}

/**
 * The next load, from those tried so far in the order in which they were tried; undefined when the knee is found, or lies above everything
 * or below the first load. A load between two others is one that `rounded` yields.
 */
export function nextLoad(
  {ascent, bisections}: Search,
  tried: readonly Tried[],
  rounded: (load: number) => number = Math.floor,
): number | undefined {
  const held = Math.max(-Infinity, ...tried.filter((one) => one.held).map(({load}) => load))
  const broken = tried.findIndex((one) => !one.held)
  if (broken === -1) return ascent.find((load) => load > held)
  if (held === -Infinity) return undefined
  const notHeld = Math.min(...tried.filter((one) => !one.held).map(({load}) => load))
  const halved = tried.length - broken - 1
  const middle = rounded((held + notHeld) / 2)
  return halved < bisections && middle > held && middle < notHeld ? middle : undefined
}
