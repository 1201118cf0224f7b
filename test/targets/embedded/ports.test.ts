import {createServer} from 'node:net'
import {readFile} from 'node:fs/promises'
import {expect, test} from 'vitest'
import {freePort, STANDARD_PORTS} from '../../../src/lib/targets/embedded/ports.js'

test('a free port can be listened on, lies below the ephemeral range, and is none that people know', async () => {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '32768')
  const ports = await Promise.all(Array.from({length: 50}, freePort))
  for (const port of ports) {
    expect(port).toBeGreaterThan(1023)
    expect(port).toBeLessThan(Number.parseInt(range, 10))
    expect(STANDARD_PORTS.has(port)).toBe(false)
  }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(ports[0], '127.0.0.1', resolve))
  await new Promise((resolve) => server.close(resolve))
})

test('free ports are not handed out in a row, so that two runs at once seldom meet', async () => {
  const ports = await Promise.all(Array.from({length: 20}, freePort))
  expect(new Set(ports).size).toBeGreaterThan(10)
})
