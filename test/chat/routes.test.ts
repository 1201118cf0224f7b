import {describe, expect, it} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {routeOf, routesTo} from '../../src/lib/chat/routes.js'

const host = (...addresses: string[]) => ({url: 'ws://chat.example', host: 'chat.example', addresses, loopback: false})

/** How many of `users` take each route, as `own > theirs`. */
function shares(users: number, nodes: Parameters<typeof routeOf>[1]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let user = 0; user < users; user++) {
    const route = routeOf(user, nodes)
    const name = `${route?.localAddress ?? 'any'} > ${route?.address ?? '?'}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('users are spread', () => {
  it('over all addresses of a name', () => {
    expect(shares(6, [routesTo(host('10.0.0.1', '10.0.0.2', 'fd00::1'), [])])).toEqual({
      'any > 10.0.0.1': 2,
      'any > 10.0.0.2': 2,
      'any > fd00::1': 2,
    })
  })

  it('over every pair of an address of ours and one of theirs, so that each has its own ports', () => {
    const nodes = [host('10.0.0.1'), host('10.0.0.2')].map((one) => routesTo(one, ['10.9.0.1', '10.9.0.2']))
    expect(shares(8, nodes)).toEqual({
      '10.9.0.1 > 10.0.0.1': 2,
      '10.9.0.1 > 10.0.0.2': 2,
      '10.9.0.2 > 10.0.0.1': 2,
      '10.9.0.2 > 10.0.0.2': 2,
    })
  })

  it('between addresses of one family only', () => {
    const routes = routesTo(host('10.0.0.1', 'fd00::1'), ['10.9.0.1', 'fd00::9'])
    expect(shares(4, [routes])).toEqual({'10.9.0.1 > 10.0.0.1': 2, 'fd00::9 > fd00::1': 2})
  })

  it('such that neighbours go to different nodes', () => {
    const nodes = [host('10.0.0.1', '10.0.0.2'), host('10.0.0.3')].map((one) => routesTo(one, []))
    const addresses = [0, 1, 2, 3, 4, 5].map((user) => routeOf(user, nodes)?.address)
    expect(addresses).toEqual(['10.0.0.1', '10.0.0.3', '10.0.0.2', '10.0.0.3', '10.0.0.1', '10.0.0.3'])
  })
})

it('an address of ours that leads nowhere is a usage error', () => {
  expect(() => routesTo(host('fd00::1'), ['10.9.0.1'])).toThrow(UsageError)
  expect(() => routesTo(host('fd00::1'), ['10.9.0.1'])).toThrow('no --source-address can reach chat.example')
})
