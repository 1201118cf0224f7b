/** Watches a RabbitMQ through its management API, which refreshes most figures every 5 s. */
import {z} from 'zod'
import {openPage, type Page} from './page.js'
import {sampleOf, type Sample} from './resource.js'
import type {ServerSpec} from './spec.js'
import type {Watcher, WatcherKit} from './watcher.js'

const rate = z.object({rate: z.number()}).optional()

/** Only what is read; a broker in which nothing has happened yet leaves out whole parts (rabbitmq.com/docs/http-api-reference). */
const Overview = z.object({
  message_stats: z.object({publish_details: rate, deliver_get_details: rate}).optional(),
  queue_totals: z
    .object({messages_ready: z.number().optional(), messages_unacknowledged: z.number().optional()})
    .optional(),
  object_totals: z.object({connections: z.number().optional()}).optional(),
})

const Node = z.object({
  running: z.boolean().optional(),
  mem_used: z.number().optional(),
  mem_limit: z.number().optional(),
  mem_alarm: z.boolean().optional(),
  disk_free: z.number().optional(),
  disk_free_alarm: z.boolean().optional(),
  run_queue: z.number().optional(),
  fd_used: z.number().optional(),
  fd_total: z.number().optional(),
})

type Overview = z.infer<typeof Overview>
type Node = z.infer<typeof Node>

class RabbitWatcher implements Watcher {
  readonly name: string
  readonly #page: Page

  constructor(spec: ServerSpec, kit: WatcherKit) {
    this.name = spec.name
    this.#page = openPage(spec.url, 'application/json', kit)
  }

  async sample(): Promise<Sample> {
    const [overview, nodes] = await Promise.all([this.#get('overview', Overview), this.#get('nodes', z.array(Node))])
    return {...flowOf(overview), ...healthOf(nodes.filter(({running}) => running !== false))}
  }

  async close(): Promise<void> {
    await this.#page.reader[Symbol.asyncDispose]()
  }

  /** Below the path of the URL, which is that of a `path_prefix`. */
  async #get<Shape>(what: string, shape: z.ZodType<Shape>): Promise<Shape> {
    const url = new URL(this.#page.url)
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/${what}`
    const body = (await this.#page.reader.read(url.toString())).toString()
    const parsed = shape.safeParse(jsonOf(body))
    if (parsed.success) return parsed.data
    throw new Error(`/api/${what} answered no JSON of a RabbitMQ`)
  }
}

function flowOf({message_stats = {}, queue_totals = {}, object_totals = {}}: Overview): Sample {
  const {publish_details: published = {rate: 0}, deliver_get_details: delivered = {rate: 0}} = message_stats
  const {messages_ready: ready = 0, messages_unacknowledged: unacked = 0} = queue_totals
  return sampleOf({
    queue_depth: ready,
    unacked,
    connections: object_totals.connections,
    messages_in: published.rate,
    messages_out: delivered.rate,
  })
}

/** Of several nodes the one in the worst state. */
function healthOf(nodes: readonly Node[]): Sample {
  const most = (figure: (node: Node) => number | undefined) => extreme(nodes.map(figure), Math.max)
  const alarms = nodes.flatMap((node) => [node.mem_alarm, node.disk_free_alarm]).filter((alarm) => alarm === true)
  return sampleOf({
    memory: most(({mem_used, mem_limit}) => shareOf(mem_used, mem_limit)),
    memory_bytes: most(({mem_used}) => mem_used),
    connections_used: most(({fd_used, fd_total}) => shareOf(fd_used, fd_total)),
    run_queue: most(({run_queue}) => run_queue),
    disk_free: extreme(
      nodes.map(({disk_free}) => disk_free),
      Math.min,
    ),
    alarms: alarms.length,
  })
}

function shareOf(used: number | undefined, most: number | undefined): number | undefined {
  return used === undefined || most === undefined || most <= 0 ? undefined : used / most
}

function extreme(values: readonly (number | undefined)[], pick: (...values: number[]) => number): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : pick(...known)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function watchRabbitMq(spec: ServerSpec, kit: WatcherKit): Watcher {
  return new RabbitWatcher(spec, kit)
}
