/** Watches whatever has a Prometheus page: what every client library tells of its process, a node exporter's machine, and what the user names. */
import {UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'
import {parseExposition, type Exposition} from './exposition.js'
import {Increases} from './increase.js'
import {openPage, type Page} from './page.js'
import {named, sampleOf, type Sample} from './resource.js'
import type {PrometheusSpec} from './spec.js'
import type {Watcher, WatcherKit} from './watcher.js'

/** With `metrics=*` so many names are taken, in the order of the page. */
const MOST_NAMES = 100
/** What clients of other languages and versions call the event loop's delay, in seconds; the first that is there. */
const EVENT_LOOP_DELAYS = [
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_eventloop_delay_p99_seconds',
  'nodejs_eventloop_lag_seconds',
  'practice_event_loop_lag_p99_seconds',
]

class PrometheusWatcher implements Watcher {
  readonly name: string
  readonly #page: Page
  readonly #increases: Increases
  #isChecked = false

  constructor(
    private readonly spec: PrometheusSpec,
    kit: WatcherKit,
  ) {
    this.name = spec.name
    this.#page = openPage(spec.url, 'text/plain;version=0.0.4', kit)
    this.#increases = new Increases(kit.clock)
  }

  async sample(): Promise<Sample> {
    const text = (await this.#page.reader.read(this.#page.url.toString())).toString()
    const page = parseExposition(text)
    if (page === undefined) throw new Error('the page is no Prometheus text')
    this.#checkNames(page)
    return {...this.#ofProcess(page), ...this.#ofMachine(page), ...this.#ofTheUser(page)}
  }

  async close(): Promise<void> {
    await this.#page.reader[Symbol.asyncDispose]()
  }

  /** What client libraries of every language expose; the busy threads of a process cannot be told apart. */
  #ofProcess(page: Exposition): Sample {
    const cores = this.#increases.perSecond('process', page.total('process_cpu_seconds_total'))
    const delay = EVENT_LOOP_DELAYS.map((name) => page.total(name)).find((seconds) => seconds !== undefined)
    return sampleOf({
      cpu: cores === undefined ? undefined : Math.min(1, cores),
      cpu_cores: cores,
      memory_bytes: page.total('process_resident_memory_bytes'),
      event_loop_delay: delay === undefined ? undefined : delay * 1000,
    })
  }

  /** Of a node exporter, on whose page its own process is of no interest. */
  #ofMachine(page: Exposition): Sample {
    const idle = (labels: ReadonlyMap<string, string>) => /^(idle|iowait)$/.test(labels.get('mode') ?? '')
    const all = this.#increases.perSecond('machine', page.total('node_cpu_seconds_total'))
    const unused = this.#increases.perSecond('idle', page.total('node_cpu_seconds_total', idle))
    const [memory, free] = [page.total('node_memory_MemTotal_bytes'), page.total('node_memory_MemAvailable_bytes')]
    const used = memory === undefined || free === undefined ? undefined : memory - free
    return sampleOf({
      cpu: all === undefined || unused === undefined || all <= 0 ? undefined : Math.max(0, 1 - unused / all),
      cpu_cores: all === undefined || unused === undefined ? undefined : Math.max(0, all - unused),
      memory: used === undefined || memory === undefined ? undefined : used / memory,
      memory_bytes: used,
    })
  }

  #ofTheUser(page: Exposition): Sample {
    const {metrics} = this.spec
    const names = metrics === 'all' ? [...new Set(page.samples.map(({name}) => name))].filter(isPlain(page)) : metrics
    const values = names.slice(0, MOST_NAMES).map((name) => {
      const total = page.total(name)
      return [named(name), isCounter(name, page) ? this.#increases.perSecond(name, total) : total] as const
    })
    return Object.fromEntries(values.filter((entry): entry is [string, number] => entry[1] !== undefined))
  }

  /** A name that is not on the first page would stay empty for the whole run without a word; what is declared there may come later. */
  #checkNames(page: Exposition): void {
    const {metrics, name} = this.spec
    if (this.#isChecked || metrics === 'all') return
    const missing = metrics.find((metric) => page.total(metric) === undefined && page.typeOf(metric) === undefined)
    if (missing !== undefined) {
      const names = new Set(page.samples.map((sample) => sample.name))
      throw new UsageError(`--watch ${name}: the page has no metric '${missing}'`, {hint: didYouMean(missing, names)})
    }
    this.#isChecked = true
  }
}

/** By its declared type, or by the ending that counters have by convention; sums and counts of histograms grow too. */
function isCounter(name: string, page: Exposition): boolean {
  const type = page.typeOf(name)
  return type === undefined ? /_(total|count|sum|bucket)$/.test(name) : type === 'counter'
}

/** Histograms and summaries have many lines of which none says much by itself. */
function isPlain(page: Exposition): (name: string) => boolean {
  return (name) => /^(gauge|counter|untyped)$/.test(page.typeOf(name) ?? '')
}

export function watchPrometheus(spec: PrometheusSpec, kit: WatcherKit): Watcher {
  return new PrometheusWatcher(spec, kit)
}
