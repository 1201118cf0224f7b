/** The listening socket of one proxy, with addresses and errors as Go's net package writes them. */
import {lookup} from 'node:dns/promises'
import {createServer, isIP, type AddressInfo, type Server, type Socket} from 'node:net'
import {type Address, formatAddress, parseAddress} from './address.js'
import {ApiError} from './api/errors.js'
import {HIGH_WATER} from './link/link.js'
import {onFreePort} from './ports.js'

/** Capped by the system (net.core.somaxconn); Node's own 511 is soon full when thousands connect at once. */
const BACKLOG = 65_535
/** Where a proxy listens when it was not said: Toxiproxy then opens every interface, which nobody should do by omission. */
const USUAL_HOST = '127.0.0.1'
const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
  EACCES: 'bind: permission denied',
}

export interface Listener {
  /** `host:port` as it was bound. */
  readonly address: string
  close(): void
}

/** `localhost:0` → `127.0.0.1:0`: the host as an address, IPv4 when it has one. Throws an ApiError. */
export async function resolveListen(text: string): Promise<Address> {
  const address = text === '' ? {host: '', port: 0} : parseAddress(text)
  if (address === undefined) throw new ApiError(500, `listen tcp: address ${text}: missing or wrong port in address`)
  const host = address.host === '' ? USUAL_HOST : address.host
  if (isIP(host) !== 0) return {host, port: address.port}
  const found = await lookup(host, {all: true}).catch(() => [])
  const best = found.find(({family}) => family === 4) ?? found[0]
  if (best === undefined) throw new ApiError(500, `listen tcp: lookup ${host}: no such host`)
  return {host: best.address, port: address.port}
}

/** Listens; clients come paused, so that they can be handed over. Throws an ApiError. */
export async function openListener(address: Address, onClient: (client: Socket) => void): Promise<Listener> {
  const listen = (port: number) => listenOn({host: address.host, port}, onClient)
  const server = await (address.port === 0 ? onFreePort(listen) : listen(address.port)).catch((error: unknown) => {
    throw bindError(address, error)
  })
  return {
    address: formatAddress({host: address.host, port: (server.address() as AddressInfo).port}),
    close: () => server.close(),
  }
}

function listenOn({host, port}: Address, onClient: (client: Socket) => void): Promise<Server> {
  const options = {pauseOnConnect: true, allowHalfOpen: true, highWaterMark: HIGH_WATER}
  const server = createServer(options, (client) => {
    // Also those that are refused or handed over must not end the process when they fail.
    client.on('error', () => undefined)
    onClient(client)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({host, port, backlog: BACKLOG, exclusive: true}, () => {
      // An accept that failed concerns one client, which the system has closed.
      server.off('error', reject).on('error', () => undefined)
      resolve(server)
    })
  })
}

function bindError(address: Address, error: unknown): ApiError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return new ApiError(500, `listen tcp ${formatAddress(address)}: ${REASONS[code] ?? code}`)
}
