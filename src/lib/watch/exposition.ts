/** Reads the Prometheus text format (version 0.0.4): https://prometheus.io/docs/instrumenting/exposition_formats/ */

export interface Exposed {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

export interface Exposition {
  readonly samples: readonly Exposed[]
  /** As the page declares it; undefined where it does not. */
  typeOf(name: string): string | undefined
  /** The sum over all label sets; undefined when there is none. */
  total(name: string, where?: (labels: ReadonlyMap<string, string>) => boolean): number | undefined
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)\s*(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}\s*|\s)(\S+)(?:\s+[-+\d.]+)?\s*$/
const VALUE = /^([-+]?(\d|\.\d)[\d.eE+-]*|NaN|[-+]?Inf)$/i
const LABEL = /([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g
const TYPE = /^#\s*TYPE\s+(\S+)\s+(\S+)\s*$/

/** Undefined when not a single line is a sample; what has no finite value is left out. */
export function parseExposition(text: string): Exposition | undefined {
  const lines = text.split('\n')
  const types = new Map(lines.flatMap((line) => typeIn(line) ?? []))
  const samples = lines.flatMap((line) => sampleIn(line) ?? [])
  if (samples.length === 0) return undefined
  return expositionOf(
    samples.filter(({value}) => Number.isFinite(value)),
    types,
  )
}

function typeIn(line: string): [[name: string, type: string]] | undefined {
  const [, name, type] = TYPE.exec(line) ?? []
  return name === undefined || type === undefined ? undefined : [[name, type]]
}

function sampleIn(line: string): Exposed | undefined {
  if (line.startsWith('#')) return undefined
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? []
  if (name === undefined || !VALUE.test(value)) return undefined
  // Number() takes no `+Inf`, which is as good as NaN here.
  return {name, labels: labelsOf(labels), value: Number(value)}
}

function expositionOf(samples: readonly Exposed[], types: ReadonlyMap<string, string>): Exposition {
  const byName = new Map<string, Exposed[]>()
  for (const sample of samples) {
    const known = byName.get(sample.name)
    if (known === undefined) byName.set(sample.name, [sample])
    else known.push(sample)
  }
  return {
    samples,
    typeOf: (name) => types.get(name),
    total(name, where = () => true) {
      const found = (byName.get(name) ?? []).filter(({labels}) => where(labels))
      return found.length === 0 ? undefined : found.reduce((sum, {value}) => sum + value, 0)
    },
  }
}

function labelsOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescaped(value)]))
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}
