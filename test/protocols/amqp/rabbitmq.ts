/** A private RabbitMQ of a test: own directory, own ports on loopback, own epmd; nothing is left of it when it is disposed of, or when the test dies. */
import {execFile, type ChildProcess} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import {connect} from 'amqplib'
import {freePort} from '../../../src/lib/targets/embedded/ports.js'
import {programIn, startGroup} from '../../servers/group.js'

/** Debian's own program, before the one on PATH, which is a wrapper that only root and one other user may call. */
const FOLDERS = ['/usr/lib/rabbitmq/bin', ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
const START_WITHIN_MS = 60_000
const TRIES = 3

/** Its own, which would be the machine's otherwise. */
const EPMD = 'epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 </dev/null &'

export interface Rabbitmq extends AsyncDisposable {
  /** As the user guest. */
  readonly url: string
  /** With the certificate of test/fixtures/tls. */
  readonly secureUrl: string
  readonly managementUrl: string
  /** One call of the management API; a body that is JSON comes back parsed. */
  readonly api: (method: string, path: string, body?: unknown) => Promise<unknown>
  /** rabbitmqctl, which takes a second or two. */
  readonly control: (...words: string[]) => Promise<string>
}

interface Ports {
  readonly amqp: number
  readonly amqps: number
  readonly management: number
  readonly epmd: number
  readonly distribution: number
}

/** Why there can be none here; undefined when there can. */
export function missingRabbitmq(): string | undefined {
  const missing = ['rabbitmq-server', 'rabbitmqctl', 'epmd'].find((name) => programAt(name) === undefined)
  return missing === undefined ? undefined : `no ${missing} on PATH`
}

/** @throws Error with the last words of the server when it does not start */
export async function startRabbitmq(): Promise<Rabbitmq> {
  for (let attempt = 1; ; attempt++) {
    const directory = await mkdtemp(join(tmpdir(), 'proofload-rabbitmq-'))
    try {
      return await startIn(directory, await freePorts())
    } catch (error) {
      await rm(directory, {recursive: true, force: true})
      // Somebody else was quicker.
      if (attempt === TRIES || !/eaddrinuse|already in use/i.test(String(error))) throw error
    }
  }
}

function programAt(name: string): string | undefined {
  return programIn(FOLDERS, name)
}

async function freePorts(): Promise<Ports> {
  const ports = new Set<number>()
  while (ports.size < 5) ports.add(await freePort())
  const [amqp = 0, amqps = 0, management = 0, epmd = 0, distribution = 0] = ports
  return {amqp, amqps, management, epmd, distribution}
}

async function startIn(directory: string, ports: Ports): Promise<Rabbitmq> {
  await writeFile(join(directory, 'plugins'), '[rabbitmq_management].\n')
  await writeFile(join(directory, 'rabbitmq.conf'), configuration(ports))
  const env = environment(directory, ports)
  const command = programAt('rabbitmq-server') ?? ''
  const group = startGroup({command, directory, env, before: EPMD, signal: 'KILL'})
  const end = async (): Promise<void> => {
    await group[Symbol.asyncDispose]()
    await rm(directory, {recursive: true, force: true, maxRetries: 5})
  }
  const rabbitmq = at(ports, env, end)
  try {
    await ready(rabbitmq, group.process)
  } catch (cause) {
    await end()
    throw new Error(`rabbitmq-server does not start: ${group.words()}`, {cause})
  }
  return rabbitmq
}

function configuration({amqp, amqps, management}: Ports): string {
  const pem = (name: string): string => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url))
  return `
listeners.tcp.1 = 127.0.0.1:${amqp}
listeners.ssl.1 = 127.0.0.1:${amqps}
ssl_options.cacertfile = ${pem('ca.pem')}
ssl_options.certfile = ${pem('server.pem')}
ssl_options.keyfile = ${pem('server.key')}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${management}
disk_free_limit.absolute = 1MB
collect_statistics_interval = 500
log.file = false
log.console = true
log.console.level = critical
`
}

/** Everything that would otherwise be of the machine: https://www.rabbitmq.com/docs/configure and https://www.erlang.org/doc/apps/erts/epmd_cmd. */
function environment(directory: string, {epmd, distribution, amqp}: Ports): NodeJS.ProcessEnv {
  const inside = (name: string): string => join(directory, name)
  return {
    ...process.env,
    // The cookie lies there.
    HOME: directory,
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `proofload${amqp}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: inside('mnesia'),
    RABBITMQ_LOG_BASE: inside('log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_PID_FILE: inside('pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: inside('plugins'),
    RABBITMQ_CONFIG_FILE: inside('rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: inside('advanced.config'),
    RABBITMQ_CONF_ENV_FILE: inside('rabbitmq-env.conf'),
    // No spinning schedulers on a machine that also runs the tests, and no port that others can reach.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
  }
}

function at(ports: Ports, env: NodeJS.ProcessEnv, end: () => Promise<void>): Rabbitmq {
  const managementUrl = `http://127.0.0.1:${ports.management}`
  return {
    url: `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    secureUrl: `amqps://guest:guest@localhost:${ports.amqps}`,
    managementUrl,
    async api(method, path, body) {
      const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`
      const answer = await fetch(`${managementUrl}/api/${path}`, {
        method,
        headers: {authorization, 'content-type': 'application/json', connection: 'close'},
        ...(body === undefined ? {} : {body: JSON.stringify(body)}),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return text === '' ? undefined : (JSON.parse(text) as unknown)
    },
    async control(...words) {
      const {stdout} = await promisify(execFile)(programAt('rabbitmqctl') ?? '', words, {env, encoding: 'utf8'})
      return stdout
    },
    [Symbol.asyncDispose]: end,
  }
}

/** Both of its doors answer. */
async function ready({url, api}: Rabbitmq, group: ChildProcess): Promise<void> {
  const end = performance.now() + START_WITHIN_MS
  for (;;) {
    try {
      await api('GET', 'overview')
      const connection = await connect(url)
      await connection.close()
      return
    } catch (error) {
      if (group.exitCode !== null || group.signalCode !== null || performance.now() > end) throw error
      await sleep(100)
    }
  }
}
