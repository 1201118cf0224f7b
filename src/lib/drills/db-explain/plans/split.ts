/**
 * Splits what a root took over the nodes of its tree, so that the parts are never below 0 and together exactly the whole.
 *
 *     budget(root) = claim(root)
 *     own(node)    = budget(node) − Σ budget(part)      parts: children, and plans that it runs for others
 *     budget(part) = claim(part) · fit                  fit = min(1, budget(node) / Σ claim(part))
 *
 * A claim is what a node was seen to take with everything below it. Where clocks are coarse, or a LIMIT makes a parent cheaper than its child,
 * the parts claim more than there is: they are then cut down in proportion instead of leaving a negative rest.
 */

export interface Branch<Node> {
  readonly children: readonly Node[]
}

/** Plans that hang on one node and are run by others, with those that run them: CTEs and InitPlans. */
export type Runners<Node> = ReadonlyMap<Node, readonly Node[]>

/** What is each node's own. */
export function split<Node extends Branch<Node>>(
  root: Node,
  claimOf: (node: Node) => number,
  runners: Runners<Node> = new Map(),
): Map<Node, number> {
  const splitting = new Splitting(claimOf, runners)
  splitting.allot(root, claimOf(root))
  return splitting.finish()
}

interface Waiting {
  budget: number
  /** Runners that have not been allotted yet. */
  open: number
}

class Splitting<Node extends Branch<Node>> {
  readonly #own = new Map<Node, number>()
  readonly #waiting = new Map<Node, Waiting>()
  readonly #guestsOf = new Map<Node, Node[]>()

  constructor(
    private readonly claimOf: (node: Node) => number,
    private readonly runners: Runners<Node>,
  ) {
    for (const [guest, hosts] of runners) {
      this.#waiting.set(guest, {budget: 0, open: hosts.length})
      for (const host of hosts) this.#guestsOf.set(host, [...(this.#guestsOf.get(host) ?? []), guest])
    }
  }

  allot(node: Node, budget: number): void {
    if (this.#own.has(node)) return
    // What was split before all that run it had given, as plans that claim to run each other are, takes nothing more.
    const guests = (this.#guestsOf.get(node) ?? []).filter((guest) => !this.#own.has(guest))
    const parts = [
      ...node.children
        .filter((child) => !this.runners.has(child))
        .map((child) => [child, this.claimOf(child)] as const),
      ...guests.map((guest) => [guest, this.#shareOf(guest, node)] as const),
    ]
    const claimed = parts.reduce((sum, [, claim]) => sum + claim, 0)
    const fit = claimed > budget ? budget / claimed : 1
    this.#own.set(node, Math.max(0, budget - claimed * fit))
    for (const [part, claim] of parts) {
      // Split meanwhile, below a part before it: what it no longer takes stays here.
      if (this.#own.has(part)) this.#own.set(node, (this.#own.get(node) ?? 0) + claim * fit)
      else this.#give(part, claim * fit)
    }
  }

  /** What nobody runs took nothing. */
  finish(): Map<Node, number> {
    for (const [guest, {budget}] of this.#waiting) this.allot(guest, budget)
    return this.#own
  }

  /** A plan that others run is split only when all of them have given their share. */
  #give(part: Node, budget: number): void {
    const waiting = this.#waiting.get(part)
    if (waiting === undefined) return this.allot(part, budget)
    waiting.budget += budget
    waiting.open--
    if (waiting.open === 0) this.allot(part, waiting.budget)
  }

  /** Who waited for which row is not known: runners share it in proportion to what they took themselves. */
  #shareOf(guest: Node, host: Node): number {
    const hosts = this.runners.get(guest) ?? []
    const all = hosts.reduce((sum, one) => sum + this.claimOf(one), 0)
    return this.claimOf(guest) * (all > 0 ? this.claimOf(host) / all : 1 / hosts.length)
  }
}
