/** Keys as people ask for them: few of them most of the time; pure. */
import type {Random} from '../../../../base/random.js'

/** As YCSB has it (Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC 2010). */
const EXPONENT = 0.99

/** Draws ranks from 0 to `count` − 1; that of rank r is drawn in proportion to 1/(r + 1)^0.99. */
export function zipf(count: number, random: Random): () => number {
  let total = 0
  const upTo = Float64Array.from({length: count}, (_, rank) => (total += (rank + 1) ** -EXPONENT))
  return () => {
    const drawn = random.next() * total
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((upTo[middle] ?? Infinity) <= drawn) low = middle + 1
      else high = middle
    }
    return low
  }
}
