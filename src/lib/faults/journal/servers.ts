/** Names what a fault acts on, without secrets: the same server gets the same name, however its URL is written. */
import type {FaultGround, PlannedFault} from '../fault.js'

const PORTS: Readonly<Record<string, string>> = {redis: '6379', rediss: '6379', postgres: '5432', postgresql: '5432'}

/** `redis 127.0.0.1:6379`, `postgres db.staging:5432`, `proxy redis at 127.0.0.1:8474`, `process 4711`. */
export function serverOf({needs, parameters}: PlannedFault, {redis, postgres, proxies, nodes}: FaultGround): string {
  const name = String(parameters[needs])
  switch (needs) {
    case 'redis':
      return `redis ${addressOf(redis)}`
    case 'postgres':
      return `postgres ${addressOf(postgres)}`
    case 'proxy':
      return `proxy ${name} at ${addressOf(proxies[name]?.api)}`
    case 'node':
      return nodeName(name, nodes)
  }
}

function nodeName(name: string, nodes: FaultGround['nodes']): string {
  const pid = nodes.find((node) => node.name === name)?.pid
  return pid === undefined ? `node ${name}` : `process ${pid}`
}

/** Host and port; every name of this machine is one. */
export function addressOf(text: string | undefined): string {
  if (text === undefined || !URL.canParse(text)) return '?'
  const {hostname, port, protocol} = new URL(text)
  const scheme = protocol.replace(/(\+\w+)?:$/, '')
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const own = host === 'localhost' || host === '::1' || host.startsWith('127.')
  return `${own ? '127.0.0.1' : host}:${port === '' ? (PORTS[scheme] ?? '80') : port}`
}
