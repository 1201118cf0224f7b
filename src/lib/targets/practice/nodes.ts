/** The nodes of one practice target: started together, each started again when it dies, all with the same defects. */
import {HostClock} from '../../base/clock.js'
import {freePort} from '../embedded/ports.js'
import {formatDefect} from './defects/parse-defect.js'
import type {NodeConfig} from './node-messages.js'
import {putDefects, type DefectChoice} from './put-defects.js'
import {SupervisedNode} from './supervised-node.js'
import type {Undo} from './undo.js'

/** A part of the practice target that ended though nobody asked it to. */
export interface Loss {
  /** `practice node ws://127.0.0.1:21001`. */
  readonly part: string
  /** Its exit code or signal, and its last words. */
  readonly why: string
  /** It is started again. */
  readonly again: boolean
}

export interface NodesOptions {
  readonly count: number
  /** What all nodes share. */
  readonly common: Omit<NodeConfig, 'index' | 'nodes' | 'port' | 'defects' | 'seed'>
  readonly defects: DefectChoice
  readonly signal: AbortSignal | undefined
  readonly lost: (loss: Loss) => void
}

export class Nodes {
  #nodes: readonly SupervisedNode[] = []
  #defects: DefectChoice

  private constructor(private readonly options: NodesOptions) {
    this.#defects = options.defects
  }

  /** Rejects when one of them does not serve; `undo` has charge of those that do. */
  static async start(options: NodesOptions, undo: Undo): Promise<Nodes> {
    const nodes = new Nodes(options)
    const ports = await freePorts(options.count)
    nodes.#nodes = await undo.useAll(ports.map((port, index) => nodes.#start(index, port)))
    return nodes
  }

  get running(): readonly SupervisedNode[] {
    return this.#nodes
  }

  /** A node that is down gets them as soon as it is back. */
  async setDefects(defects: DefectChoice): Promise<void> {
    this.#defects = defects
    await Promise.all(
      this.#nodes.map(async (node) => {
        if (!node.up) return
        await putDefects(node.url, defects).catch((error: unknown) => {
          if (node.up) throw error
        })
      }),
    )
  }

  #start(index: number, port: number): Promise<SupervisedNode> {
    const {common, count, signal, lost} = this.options
    const {specs, seed} = this.#defects
    const config = {...common, index, nodes: count, port, defects: specs.map(formatDefect), seed}
    return SupervisedNode.start(config, {
      clock: new HostClock(),
      signal,
      died: ({url, why}, again) => lost({part: `practice node ${url}`, why, again}),
      back: (url) => putDefects(url, this.#defects),
    })
  }
}

/** Different ones, though none is taken yet. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
