/** Which addresses of the target's names users are sent to: all at which somebody listens. */
import {connect} from 'node:net'
import type {Ms} from '../base/units.js'
import type {AllowedTarget} from '../targets/safety/allow-list.js'
import type {Target} from '../targets/target.js'

const PATIENCE: Ms = 3000

export interface Answering {
  /** The target with the addresses that answer; a name of which none does keeps all, so that the knock tells why. */
  readonly target: Target
  /** The others, as `chat.example at 192.0.2.7`. */
  readonly silent: readonly string[]
}

/**
 * Tries every address of a name that has several: a browser would pass over those that are dead, as ::1 of localhost often is, and a load
 * that is pinned to them would not.
 */
export async function answeringAddresses(target: Target): Promise<Answering> {
  const hosts = await Promise.all(
    target.allowed.map(async (host) => (target.urls.includes(host.url) ? await answeringOf(host) : host)),
  )
  const silent = target.allowed.flatMap(({host, addresses}, index) =>
    addresses
      .filter((address) => hosts[index]?.addresses.includes(address) === false)
      .map((address) => `${host} at ${address}`),
  )
  return {target: {...target, allowed: hosts}, silent: [...new Set(silent)]}
}

async function answeringOf(host: AllowedTarget): Promise<AllowedTarget> {
  if (host.addresses.length === 1) return host
  const {port, protocol} = new URL(host.url)
  const usual = /^(wss|https):$/.test(protocol) ? 443 : 80
  const answers = await Promise.all(host.addresses.map((address) => listens(address, Number(port) || usual)))
  const addresses = host.addresses.filter((_, index) => answers[index])
  return addresses.length === 0 ? host : {...host, addresses}
}

async function listens(host: string, port: number): Promise<boolean> {
  const socket = connect({host, port})
  const connected = await new Promise<boolean>((resolve) => {
    socket.setTimeout(PATIENCE, () => resolve(false))
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}
