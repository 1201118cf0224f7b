/** Connections that go over a proxy which only passes bytes on: URL, headers and certificates stay those of the target. */
import {connect, isIP, type NetConnectOpts, type Socket} from 'node:net'
import {connectTls} from './tls.js'

/** Where the proxy listens. */
export interface Detour {
  readonly host: string
  readonly port: number
}

/** An end of a URL as detours are kept by: `10.0.0.7:443`, `[::1]:8080`. */
export function endOf(url: string, address: string): string {
  const {port, protocol} = new URL(url)
  const usual = /^(wss|https):$/.test(protocol) ? '443' : '80'
  return `${isIP(address) === 6 ? `[${address}]` : address}:${port === '' ? usual : port}`
}

/** A `createConnection` for ws and node:http; the host that is asked for is looked up by nobody. */
export function overDetour(
  {host, port}: Detour,
  secured: boolean,
): (options: Parameters<typeof connectTls>[0]) => Socket {
  return (options) => {
    const {host: asked = ''} = options
    const socket = connect({...(options as NetConnectOpts), path: undefined, host, port} as NetConnectOpts)
    return secured ? connectTls({...options, host: asked, socket}) : socket
  }
}
