import {once} from 'node:events'
import {connect, createServer, type Server} from 'node:net'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import type {FaultAgent} from '../../src/lib/faults/agent/agent.js'
import {parseFault} from '../../src/lib/faults/grammar.js'
import {recover} from '../../src/lib/faults/journal/recover.js'
import {toxicsOf} from '../../src/lib/faults/net/toxics.js'
import {ProxyClient} from '../../src/lib/faults/proxy/client.js'
import {type RunningProxies, startProxies} from '../../src/lib/faults/proxy/start.js'
import {settleFaults} from '../../src/lib/faults/settle.js'
import {agentFor, agentPid, hasEnded, optionsFor, parentOf, state} from './victim.js'

const clock = new HostClock()
const PATIENCE = {timeout: 10_000}

describe('the toxics of a fault', () => {
  test.each([
    ['net.down(proxy=p)', []],
    [
      'net.latency(proxy=p,latency=200ms,jitter=10ms,stream=upstream,share=30%)',
      [{type: 'latency', stream: 'upstream', toxicity: 0.3, attributes: {latency: 200, jitter: 10}}],
    ],
    ['net.bandwidth(proxy=p,rate=64kB/s,stream=downstream)', [{type: 'bandwidth', attributes: {rate: 64}}]],
    ['net.blackhole(proxy=p,stream=upstream)', [{type: 'timeout', attributes: {timeout: 0}}]],
    ['net.reset(proxy=p,after=1s)', [{type: 'reset_peer', stream: 'downstream', attributes: {timeout: 1000}}]],
    [
      'net.slice(proxy=p,size=64B,variation=16B,delay=1ms,stream=upstream)',
      [{type: 'slicer', attributes: {average_size: 64, size_variation: 16, delay: 1000}}],
    ],
    ['net.limit-data(proxy=p,bytes=1KiB,stream=upstream)', [{type: 'limit_data', attributes: {bytes: 1024}}]],
    ['net.slow-close(proxy=p,delay=2s,stream=upstream)', [{type: 'slow_close', attributes: {delay: 2000}}]],
  ])('%s', (text, toxics) => {
    const [fault] = settleFaults([parseFault(`${text} at 0s for 1s`)], {durationMs: 5000, allowSticky: false})
    expect(fault && toxicsOf(fault)).toMatchObject(toxics)
  })

  test('are two for both streams, each with a name of our own', () => {
    const toxics = toxicsOf({name: 'net.latency', parameters: {latency: 5}})
    expect(toxics.map(({name}) => name)).toEqual(['proofload_latency_upstream', 'proofload_latency_downstream'])
  })
})

describe('net faults on a proxy', () => {
  let upstream: Server
  let proxies: RunningProxies
  let client: ProxyClient

  beforeAll(async () => {
    upstream = createServer((socket) => socket.pipe(socket).on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const {port} = upstream.address() as {port: number}
    proxies = await startProxies([{name: 'link', upstream: `127.0.0.1:${port}`}])
    client = new ProxyClient(proxies.api)
  })

  afterEach(async () => {
    for (const {name} of (await proxy())?.toxics ?? []) await client.removeToxic('link', name)
  })

  afterAll(async () => {
    await client.close()
    await proxies[Symbol.asyncDispose]()
    upstream.close()
  })

  const optionsOn = (text: string) => optionsFor([text], [], {proxies: {link: {api: proxies.api}}})

  async function started(text: string): Promise<FaultAgent> {
    const agent = await agentFor(optionsOn(text))
    agent.start(clock.now())
    return agent
  }

  const proxy = async () => (await client.proxies())['link']

  /** Whether what is sent comes back. */
  function answers(): Promise<boolean> {
    const [host = '', port = ''] = (proxies.listens['link'] ?? '').split(':')
    return new Promise((resolve) => {
      const socket = connect({host, port: Number(port)}, () => socket.write('hello'))
      socket.on('data', () => {
        resolve(true)
        socket.destroy()
      })
      socket.on('error', () => resolve(false)).on('close', () => resolve(false))
    })
  }

  test('net.down keeps everybody off, and lets them in again on time', async () => {
    const agent = await agentFor(optionsOn('net.down(proxy=link) at 0s for 500ms'))
    expect(agent.previews[0]?.server).toMatch(/^proxy link at 127\.0\.0\.1:\d+, to 127\.0\.0\.1:\d+$/)
    expect(agent.previews[0]?.hits).toBe('0 connections, and new ones')
    expect(await answers()).toBe(true)
    agent.start(clock.now())
    await vi.waitFor(async () => expect(await answers()).toBe(false), PATIENCE)
    await vi.waitFor(() => expect(agent.records[0]?.outcome).toBe('reverted'), PATIENCE)
    expect(await answers()).toBe(true)
  })

  test('a toxic is on while the fault is, and others stay', async () => {
    await client.addToxic('link', {type: 'slow_close', name: 'of the user', attributes: {delay: 1}})
    const agent = await started('net.latency(proxy=link,latency=5ms) at 0s for 30s')
    await vi.waitFor(async () => expect((await proxy())?.toxics).toHaveLength(3), PATIENCE)
    await agent.revertAll()
    expect((await proxy())?.toxics).toMatchObject([{name: 'of the user'}])
    expect(agent.records[0]).toMatchObject({outcome: 'reverted', evidence: {droppedBytes: 0}})
  })

  test.each(['net.down(proxy=link)', 'net.latency(proxy=link,latency=5ms)'])(
    '%s is taken off when the parent is killed',
    async (call) => {
      const parent = await parentOf(optionsOn(`${call} at 0s for 60s`), 'busy')
      await vi.waitFor(async () => expect(isTouched(await proxy())).toBe(true), PATIENCE)
      parent.kill('SIGKILL')
      await hasEnded()
      expect(isTouched(await proxy())).toBe(false)
    },
  )

  test('is taken off from the journal when the agent is killed too', async () => {
    const parent = await parentOf(optionsOn('net.down(proxy=link) at 0s for 60s'), 'busy')
    await vi.waitFor(async () => expect(isTouched(await proxy())).toBe(true), PATIENCE)
    const agent = await agentPid()
    process.kill(agent, 'SIGSTOP')
    parent.kill('SIGKILL')
    process.kill(agent, 'SIGKILL')
    const ground = {proxies: {}, nodes: []}
    await expect
      .poll(() => recover({state: state.directory, ground, force: false, now: () => clock.date()}))
      .toMatchObject([{faults: [{outcome: 'reverted'}]}])
    expect(isTouched(await proxy())).toBe(false)
  })

  test('is over when its proxy is gone, as nothing is left of it', async () => {
    const others = await startProxies([{name: 'link', upstream: '127.0.0.1:9'}])
    const options = optionsFor(['net.slow-close(proxy=link,delay=5ms) at 0s for 60s'], [], {
      proxies: {link: {api: others.api}},
    })
    const agent = await agentFor(options)
    agent.start(clock.now())
    const watcher = new ProxyClient(others.api)
    await vi.waitFor(async () => expect(isTouched((await watcher.proxies())['link'])).toBe(true), PATIENCE)
    await watcher.close()
    await others[Symbol.asyncDispose]()
    await agent.revertAll()
    expect(agent.records[0]).toMatchObject({outcome: 'reverted'})
  })

  test('is refused on a proxy that is not there', async () => {
    const options = optionsFor(['net.down(proxy=lnk) at 0s for 1s'], [], {proxies: {lnk: {api: proxies.api}}})
    await expect(agentFor(options)).rejects.toThrow("has no proxy 'lnk': did you mean 'link'?")
  })

  test('is refused where an earlier run left one of its toxics', async () => {
    await client.addToxic('link', {type: 'latency', name: 'proofload_latency_upstream', stream: 'upstream'})
    const agent = agentFor(optionsOn('net.latency(proxy=link,latency=5ms) at 0s for 1s'))
    await expect(agent).rejects.toThrow("the proxy 'link' has the toxic proofload_latency_upstream already")
  })
})

function isTouched(proxy: {readonly enabled: boolean; readonly toxics: readonly unknown[]} | undefined): boolean {
  return proxy?.enabled === false || (proxy?.toxics.length ?? 0) > 0
}
