/** What a node answers over HTTP; each route turns a request into a status and a body. */
import {monitorEventLoopDelay} from 'node:perf_hooks'
import {z} from 'zod'
import {ProofloadError} from '../../base/errors.js'
import type {ChatNode} from './chat-node.js'
import {parseDefect, typedDefect} from './defects/parse-defect.js'
import {expose, EXPOSITION_TYPE, type Vitals} from './exposition.js'
import {HISTORY_LIMIT} from './limits.js'
import {publishOverHttp} from './publish-over-http.js'
import {TooLarge, type Asked, type Reply} from './replies.js'
import {decoded, isName} from './requests.js'
import type {HistoryPage, StoredMessage} from './store.js'

const defectsSchema = z.strictObject({
  defects: z.array(z.strictObject({name: z.string(), value: z.string().optional()})),
  seed: z.string().default('practice'),
})

export class Routes {
  readonly #lag = monitorEventLoopDelay({resolution: 20})

  constructor(private readonly node: ChatNode) {
    this.#lag.enable()
  }

  /** Never rejects: a store or bus that fails becomes a 503 that says so. */
  async reply(asked: Asked): Promise<Reply> {
    try {
      return await this.#route(asked)
    } catch (error) {
      if (error instanceof TooLarge) return {status: 413, body: {error: error.message}}
      if (error instanceof ProofloadError) return {status: 400, body: {error: error.message}}
      return {status: 503, body: {error: messageOf(error)}}
    }
  }

  async #route(asked: Asked): Promise<Reply> {
    const {method} = asked
    const url = urlOf(asked.path)
    const route = `${method} ${url.pathname}`
    if (route === 'GET /health') return this.#health()
    if (route === 'GET /metrics') return {status: 200, body: expose(this.node, this.#vitals()), type: EXPOSITION_TYPE}
    if (route === 'GET /defects') return this.#defects()
    if (route === 'PUT /defects') return this.#setDefects(await asked.body())
    if (route === 'GET /archive') return this.#archive(url.searchParams)
    return this.#inRoom(asked, url)
  }

  async #inRoom(asked: Asked, url: URL): Promise<Reply> {
    const {method} = asked
    const room = /^\/rooms\/([^/]+)\/messages$/.exec(url.pathname)?.[1]
    if (room !== undefined && method === 'POST') return this.#publish(room, url.searchParams, await asked.body())
    if (room !== undefined && method === 'GET') return this.#history(room, url.searchParams)
    return {status: 404, body: {error: `no such thing: ${method} ${url.pathname}`}}
  }

  async #health(): Promise<Reply> {
    const {bus, parts} = this.node
    const [redis, postgres] = await Promise.all([stateOf(bus.ping()), stateOf(parts.shards.ping())])
    const ok = redis === 'ok' && postgres === 'ok'
    return {status: ok ? 200 : 503, body: {status: ok ? 'ok' : 'degraded', redis, postgres}}
  }

  async #history(encoded: string, query: URLSearchParams): Promise<Reply> {
    return page(decoded(encoded), query, (asked) => this.node.parts.shards.of(asked.room).history(asked))
  }

  async #archive(query: URLSearchParams): Promise<Reply> {
    return page(query.get('room'), query, (asked) => this.node.parts.shards.of(asked.room).archive(asked))
  }

  #publish(encoded: string, query: URLSearchParams, body: string): Promise<Reply> {
    return publishOverHttp(this.node.publishing, {room: decoded(encoded), user: query.get('user'), body: parsed(body)})
  }

  async #setDefects(body: string): Promise<Reply> {
    const read = defectsSchema.safeParse(parsed(body))
    if (!read.success) return {status: 400, body: {error: z.prettifyError(read.error)}}
    const specs = read.data.defects.map(({name, value}) => parseDefect(value === undefined ? name : `${name}=${value}`))
    await this.node.setDefects(specs, read.data.seed)
    return this.#defects()
  }

  #defects(): Reply {
    return {status: 200, body: {defects: this.node.defects.specs.map(typedDefect)}}
  }

  #vitals(): Vitals {
    const nsToMs = 1e-6
    const {user, system} = process.cpuUsage()
    const vitals = {
      lagP99Ms: this.#lag.count === 0 ? 0 : this.#lag.percentile(99) * nsToMs,
      lagMaxMs: this.#lag.count === 0 ? 0 : this.#lag.max * nsToMs,
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
    }
    this.#lag.reset()
    return vitals
  }
}

type Pages = (page: HistoryPage) => Promise<readonly StoredMessage[]>

async function page(room: string | null | undefined, query: URLSearchParams, pages: Pages): Promise<Reply> {
  const after = wholeNumber(query.get('after') ?? '0')
  const limit = wholeNumber(query.get('limit') ?? String(HISTORY_LIMIT.usual))
  if (!isName(room)) return {status: 400, body: {error: 'the room has no valid name'}}
  if (after === undefined || limit === undefined || limit === 0) {
    return {status: 400, body: {error: 'after and limit must be whole numbers, limit at least 1'}}
  }
  return {status: 200, body: {messages: await pages({room, after, limit: Math.min(limit, HISTORY_LIMIT.most)})}}
}

/** The host is of no interest here; what is no path is nowhere. */
function urlOf(path: string): URL {
  const base = 'http://node'
  return new URL(URL.canParse(path, base) ? path : '/', base)
}

async function stateOf(answer: Promise<void>): Promise<string> {
  return answer.then(
    () => 'ok',
    (error: unknown) => messageOf(error),
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined
}

/** Undefined for what is not JSON, or no valid escape: the caller says what was expected. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
