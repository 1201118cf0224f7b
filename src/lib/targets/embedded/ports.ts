/** Picks free ports for services of ours: below the ephemeral range, and never one that people know by heart. */
import {randomInt} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {createServer} from 'node:net'

/** Ports on which a user may run something of their own, or expects something known. */
export const STANDARD_PORTS: ReadonlySet<number> = new Set([
  1433, 1521, 1883, 2181, 2375, 2379, 2380, 3000, 3001, 3306, 3389, 4000, 4222, 4317, 4318, 4369, 5000, 5173, 5432,
  5433, 5601, 5671, 5672, 5900, 6000, 6379, 6380, 6432, 7000, 7001, 7474, 7687, 8000, 8001, 8008, 8080, 8081, 8086,
  8088, 8123, 8200, 8300, 8333, 8443, 8474, 8500, 8545, 8761, 8787, 8888, 9000, 9001, 9042, 9090, 9091, 9092, 9093,
  9100, 9200, 9229, 9300, 9411, 9418, 9999, 10000, 11211, 15671, 15672, 16379, 16686, 17000, 18080, 19000, 19132, 20000,
  25565, 25672, 26379, 26656, 27015, 27017, 27018, 27019, 28015, 28017, 30000, 31337,
])

const LOWEST = 10_000
/** Where the ephemeral range begins on Linux unless the machine says otherwise; macOS and Windows begin at 49152. */
const USUAL_EPHEMERAL_START = 32_768
const TRIES = 100

/**
 * A port on 127.0.0.1 on which nobody listens now. Another process can still take it first: callers retry when binding fails.
 * @throws Error when a hundred random ports were all taken
 */
export async function freePort(): Promise<number> {
  const end = await lowestEphemeralPort()
  const start = end > LOWEST + 1000 ? LOWEST : 1024
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(start, end)
    if (!STANDARD_PORTS.has(port) && (await canListen(port))) return port
  }
  throw new Error(`no free port between ${start} and ${end - 1} after ${TRIES} tries`)
}

/** The first port that the kernel may give to an outgoing connection. */
async function lowestEphemeralPort(): Promise<number> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '')
  const first = Number.parseInt(range, 10)
  return first > 2048 ? Math.min(first, 65_536) : USUAL_EPHEMERAL_START
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({port, host: '127.0.0.1', exclusive: true}, () => server.close(() => resolve(true)))
  })
}
