/** One practice node that is kept running: when its process ends unasked, another one takes its port. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {NodeConfig} from './node-messages.js'
import {startNode, type Death, type NodeProcess} from './node-process.js'

export interface Supervision {
  readonly clock: Clock
  /** Ends a start that is under way. */
  readonly signal: AbortSignal | undefined
  /** Called once for each death; `again`: another process will take its place. */
  readonly died: (death: Death, again: boolean) => void
  /** Called when another process serves in its place. */
  readonly back: (url: string) => Promise<void>
}

const RESTART_DELAY_MS: Ms = 250
/** Beyond this a node is taken for beyond help; so is one that does not start within a minute, in which Redis may be away. */
const MOST_DEATHS = 20
const START_WITHIN_MS: Ms = 60_000

export class SupervisedNode implements AsyncDisposable {
  readonly #ending = new AbortController()
  #deaths = 0
  #starting: Promise<void> | undefined

  private constructor(
    private readonly config: NodeConfig,
    private readonly supervision: Supervision,
    private node: NodeProcess,
  ) {
    this.#watch()
  }

  /** Rejects when the first process does not serve. */
  static async start(config: NodeConfig, supervision: Supervision): Promise<SupervisedNode> {
    return new SupervisedNode(config, supervision, await startNode(config, supervision.signal))
  }

  get url(): string {
    return this.node.url
  }

  /** Of the process that serves, or served last. */
  get pid(): number {
    return this.node.pid
  }

  get up(): boolean {
    return this.#starting === undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error('the practice target is ended'))
    await this.#starting
    await this.node[Symbol.asyncDispose]()
  }

  #watch(): void {
    void this.node.died.then((death) => {
      const again = !this.#ending.signal.aborted && ++this.#deaths <= MOST_DEATHS
      if (again) this.#starting = this.#startAgain(death)
      this.supervision.died(death, again)
    })
  }

  /** Never rejects. */
  async #startAgain(death: Death): Promise<void> {
    const {clock} = this.supervision
    const {signal} = this.#ending
    const until = clock.now() + START_WITHIN_MS
    let why = death.why
    while (!signal.aborted && clock.now() < until) {
      await clock.sleep(RESTART_DELAY_MS, signal)
      try {
        this.node = await startNode(this.config, signal)
        await this.supervision.back(this.url)
        this.#starting = undefined
        this.#watch()
        return
      } catch (error) {
        why = error instanceof Error ? error.message : String(error)
      }
    }
    if (!signal.aborted) this.supervision.died({...death, why}, false)
  }
}
