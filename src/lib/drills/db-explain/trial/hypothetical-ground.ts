/** Indexes in the planner's mind only, by HypoPG: nothing is made, so that nothing can be run on them. */
import type {Session} from '../../../protocols/postgres/session.js'
import {ddlOf} from '../advice/ddl.js'
import type {IndexDesign, IndexMethod} from '../advice/index-design.js'
import {hypoPgIn, type HypoIndex, type HypoPg} from './hypopg.js'
import {refusalOf} from './refusal.js'
import type {Built, NotBuilt, TrialGround} from './trial-ground.js'

/** Of the others HypoPG cannot estimate the size: https://github.com/HypoPG/hypopg/issues/97 */
const POSSIBLE: readonly IndexMethod[] = ['btree', 'brin', 'hash']

interface Standing {
  /** Undefined while it is not to be seen. */
  current: HypoIndex | undefined
  /** All that it ever had: they stand in plans that were kept. */
  readonly names: string[]
}

/** `schema`: of the extension. */
export function hypotheticalGround(session: Session, schema: string): TrialGround {
  return new HypotheticalGround(session, hypoPgIn(session, schema))
}

/**
 * What is not to be seen is taken back and made again later, since hiding came with version 1.4 only; it gets another name then. Nothing of it
 * is part of a transaction: disposing is what clears it.
 */
class HypotheticalGround implements TrialGround {
  readonly kind = 'hypothetical'
  readonly runs = false
  readonly stopped = new AbortController().signal
  readonly session: Session
  readonly #hypo: HypoPg
  readonly #standing = new Map<Built, Standing>()

  constructor(session: Session, hypo: HypoPg) {
    this.session = session
    this.#hypo = hypo
  }

  async build(design: IndexDesign): Promise<Built | NotBuilt> {
    const reason = impossible(design)
    if (reason !== undefined) return {design, reason}
    try {
      const current = await this.#hypo.make(ddlOf(design))
      const names = [current.name]
      const built = {design, buildMs: undefined, bytes: await this.#hypo.bytes(current), name: current.name, names}
      this.#standing.set(built, {current, names})
      return built
    } catch (error) {
      return {design, reason: refusalOf(error)}
    }
  }

  async see(visible: readonly Built[]): Promise<void> {
    for (const [built, standing] of this.#standing) {
      if (!visible.includes(built)) await this.#take(standing)
      else if (standing.current === undefined) {
        standing.current = await this.#hypo.make(ddlOf(built.design))
        standing.names.push(standing.current.name)
      }
    }
  }

  async drop(built: Built): Promise<void> {
    const standing = this.#standing.get(built)
    if (standing !== undefined) await this.#take(standing)
    this.#standing.delete(built)
  }

  reads<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    return work()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.isOpen) await this.#hypo.reset()
  }

  async #take(standing: Standing): Promise<void> {
    if (standing.current !== undefined) await this.#hypo.drop(standing.current)
    standing.current = undefined
  }
}

function impossible({method, unique}: IndexDesign): string | undefined {
  if (!POSSIBLE.includes(method)) return `HypoPG cannot imagine a ${method} index; --copy or --allow-ddl would try it`
  return unique === true ? 'HypoPG cannot tell whether the values are unique' : undefined
}
