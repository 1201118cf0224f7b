/** Which pool sizes are tried, and which is the best of them; pure. */
import type {Ms, PerSecond} from '../../../../base/units.js'

/** What the server allows, and what others hold of it. */
export interface Room {
  /** Connections that are open to users without a special right. */
  readonly allowed: number
  /** Connections of others. */
  readonly others: number
}

/** Others shall go on to find a connection while we try. */
const LEFT_FREE = 0.1

/** 1 to 4 × cores in steps of about a core, as far as the server has room; empty where it has none. */
export function sizesFor(cores: number, {allowed, others}: Room): readonly number[] {
  const most = Math.min(4 * cores, Math.floor(allowed * (1 - LEFT_FREE)) - others)
  const wanted = [1, cores / 2, cores, 1.5 * cores, 2 * cores, 3 * cores, 4 * cores].map((size) => Math.round(size))
  return [...new Set([...wanted.filter((size) => size < most), most])].filter((size) => size >= 1)
}

export interface SizeFigures {
  readonly size: number
  readonly throughput: PerSecond
  readonly p95: Ms
}

/** As much as the most, but for the noise. */
const NEARLY = 0.95

/** Of those within 5 % of the most throughput, the one with the lowest p95; undefined where nothing was done. */
export function kneeOf<Figures extends SizeFigures>(sizes: readonly Figures[]): Figures | undefined {
  const most = Math.max(0, ...sizes.map(({throughput}) => throughput))
  const nearly = sizes.filter(({throughput}) => throughput > 0 && throughput >= NEARLY * most)
  return nearly.toSorted((one, other) => one.p95 - other.p95 || one.size - other.size)[0]
}
