/** Speaks to the API of a fault proxy, ours or a Toxiproxy, over a connection that stays open: no later fault can keep it out. */
import {Client} from 'undici'
import {TargetError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {Connections} from './directory.js'
import type {ProxyState, Toxic, ToxicRequest} from './toxic.js'

const ANSWER_WITHIN_MS = 5000
/** A Toxiproxy closes a connection after 60 s of silence: it hears from us before, and we give up an unused one earlier. */
const KEEP_WARM_MS = 20_000
const UNUSED_MS = 50_000

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export class ProxyClient {
  readonly #api: string
  readonly #client: Client
  readonly #warmth: NodeJS.Timeout
  readonly #patienceMs: Ms

  /** `api` is like `http://127.0.0.1:21474`; no call takes longer than `patienceMs`. */
  constructor(api: string, patienceMs: Ms = ANSWER_WITHIN_MS) {
    this.#api = api
    this.#patienceMs = patienceMs
    this.#client = new Client(new URL(api).origin, {
      keepAliveTimeout: UNUSED_MS,
      keepAliveMaxTimeout: UNUSED_MS,
      connect: {timeout: patienceMs},
    })
    this.#warmth = setInterval(() => void this.version().catch(() => undefined), KEEP_WARM_MS).unref()
  }

  /** All methods throw a TargetError when there is no answer in time, and when the answer is a refusal. */
  async version(): Promise<string> {
    return (await this.#call<{version: string}>('GET', '/version')).version
  }

  async proxies(): Promise<Readonly<Record<string, ProxyState>>> {
    return this.#call('GET', '/proxies')
  }

  /** Resolves when the toxic is on the open connections too. */
  async addToxic(proxy: string, toxic: ToxicRequest): Promise<Toxic> {
    return this.#call('POST', pathOf(proxy, 'toxics'), toxic)
  }

  /** Attributes that are left out stay as they are. */
  async updateToxic(
    proxy: string,
    name: string,
    change: Pick<ToxicRequest, 'attributes' | 'toxicity'>,
  ): Promise<Toxic> {
    return this.#call('PATCH', pathOf(proxy, 'toxics', name), change)
  }

  async removeToxic(proxy: string, name: string): Promise<void> {
    await this.#call('DELETE', pathOf(proxy, 'toxics', name))
  }

  /** `false` takes the proxy down: it refuses connections and closes those that it has. */
  async setEnabled(proxy: string, enabled: boolean): Promise<ProxyState> {
    return this.#call('PATCH', pathOf(proxy), {enabled})
  }

  /** Only our own proxy knows it; a Toxiproxy answers that there is no such page. */
  async connections(): Promise<Connections> {
    return this.#call('GET', '/connections')
  }

  /** Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#warmth)
    await this.#client.destroy().catch(() => undefined)
  }

  async #call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
    const {status, text} = await this.#send(method, path, body)
    if (status >= 300)
      throw new TargetError(`the fault proxy at ${this.#api} refused ${method} ${path}: ${reasonIn(text)}`)
    try {
      return (text === '' ? undefined : JSON.parse(text)) as Answer
    } catch (cause) {
      throw new TargetError(`what answers at ${this.#api} is no fault proxy`, {cause})
    }
  }

  async #send(method: Method, path: string, body: unknown): Promise<{status: number; text: string}> {
    try {
      const answer = await this.#client.request({
        method,
        path,
        ...(body === undefined ? {} : {body: JSON.stringify(body), headers: {'content-type': 'application/json'}}),
        signal: AbortSignal.timeout(this.#patienceMs),
      })
      return {status: answer.statusCode, text: await answer.body.text()}
    } catch (cause) {
      throw new TargetError(`the fault proxy at ${this.#api} did not answer: ${reasonOf(cause, this.#patienceMs)}`, {
        cause,
        hint: 'check that it runs: its address is the api that proofload proxy prints',
      })
    }
  }
}

function pathOf(proxy: string, ...rest: readonly string[]): string {
  return ['/proxies', proxy, ...rest]
    .map((segment, index) => (index === 0 ? segment : encodeURIComponent(segment)))
    .join('/')
}

/** The text of a Toxiproxy error; else the first line. */
function reasonIn(text: string): string {
  try {
    return String((JSON.parse(text) as {error?: unknown}).error)
  } catch {
    return text.split('\n', 1)[0] ?? ''
  }
}

function reasonOf(error: unknown, patienceMs: Ms): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer in ${patienceMs} ms`
  return error.message === '' && 'code' in error ? String(error.code) : error.message
}
