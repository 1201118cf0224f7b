/** Runs fault proxies in front of a user's own services until a signal comes, and prints them as a section for a profile. */
import {TargetError, UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'
import {formatAddress, parseAddress} from '../faults/proxy/address.js'
import {startProxies, type ProxyRequest, type RunningProxies} from '../faults/proxy/start.js'
import {checkHosts} from '../targets/safety/allow-list.js'
import {isLoopback, isLoopbackName} from '../targets/safety/loopback.js'
import type {NamedAddress} from './flags/proxy.js'
import type {SessionGround} from './practice-session.js'

export interface ProxySession {
  readonly proxy: readonly NamedAddress[]
  readonly listen: readonly NamedAddress[]
  readonly api: string | undefined
  readonly processes: number
  readonly seed: string | undefined
  readonly 'allow-host': readonly string[]
  readonly 'allow-production': boolean
}

/**
 * Resolves when a signal came. Throws a UsageError for what makes no sense or is not allowed, and a TargetError when a proxy cannot listen or
 * when the proxies end by themselves.
 */
export async function runProxies(
  session: ProxySession,
  {progress, belongings, interrupts, show}: SessionGround,
): Promise<void> {
  const {signal} = interrupts
  const requests = await requestsOf(session)
  const {processes, seed, api} = session
  const options = {processes, ...(seed === undefined ? {} : {seed}), ...(api === undefined ? {} : {api})}
  progress.note({phase: 'proxies', text: 'starting'})
  const proxies = belongings.keep('the proxies', await startProxies(requests, options))
  signal.throwIfAborted()
  progress.end()
  show(sectionText(requests, proxies))
  progress.say(`${requests.length === 1 ? 'the proxy runs' : `${requests.length} proxies run`}; Ctrl-C ends them`)
  // The proxies do not keep us awake, and signals do not either.
  const awake = setInterval(() => undefined, 2 ** 31 - 1)
  const why = await Promise.race([aborted(signal), proxies.died]).finally(() => clearInterval(awake))
  if (why !== undefined) throw new TargetError(`the proxies ended by themselves: ${why}`)
}

/** Each upstream as the address that was checked. */
async function requestsOf(session: ProxySession): Promise<ProxyRequest[]> {
  checkNames(session)
  checkApi(session.api)
  const permissions = {allowHosts: session['allow-host'], allowProduction: session['allow-production']}
  const allowed = await checkHosts(
    session.proxy.map(({address}) => `tcp://${address}`),
    permissions,
  )
  const listens = new Map(session.listen.map(({name, address}) => [name, address]))
  return session.proxy.map(({name, address}, index) => {
    const listen = listens.get(name)
    const upstream = pinned(address, allowed[index]?.addresses ?? [])
    return {name, upstream, ...(listen === undefined ? {} : {listen})}
  })
}

/** A name leads to the address that it had when it was checked, the IPv4 one when there is one. */
function pinned(address: string, addresses: readonly string[]): string {
  const host = addresses.find((found) => !found.includes(':')) ?? addresses[0]
  return host === undefined ? address : formatAddress({host, port: parseAddress(address)?.port ?? 0})
}

function checkNames({proxy, listen}: ProxySession): void {
  if (proxy.length === 0) throw new UsageError('--proxy: name at least one, such as --proxy redis=127.0.0.1:6379')
  const names = proxy.map(({name}) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw new UsageError(`--proxy: '${twice}' was given twice`)
  const stranger = listen.find(({name}) => !names.includes(name))
  if (stranger === undefined) return
  throw new UsageError(`--listen: no proxy is called '${stranger.name}', ${didYouMean(stranger.name, names)}`)
}

/** Whoever reaches the API can make the proxies lead anywhere: it has no password. */
function checkApi(api: string | undefined): void {
  const host = api === undefined ? '' : (parseAddress(api)?.host ?? '')
  if (api === undefined || isLoopback(host) || isLoopbackName(host)) return
  throw new UsageError(`--api: ${host} is not loopback, and the API has no password: use 127.0.0.1`)
}

/** A section that can be put into a profile as it stands. */
function sectionText(requests: readonly ProxyRequest[], {api, listens}: RunningProxies): string {
  return [
    '# Proxies, as long as they run. Let the backend connect to the address on the left.',
    ...requests.map(({name, upstream}) => `# ${name}: ${listens[name] ?? ''} leads to ${upstream}`),
    'proxies:',
    ...requests.flatMap(({name}) => [`  ${name}:`, `    api: ${api}`]),
    '',
  ].join('\n')
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), {once: true})
  })
}
