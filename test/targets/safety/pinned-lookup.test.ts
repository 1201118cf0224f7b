import {createServer, connect, type AddressInfo, type LookupFunction} from 'node:net'
import {once} from 'node:events'
import {expect, test} from 'vitest'
import {pinnedLookup} from '../../../src/lib/targets/safety/pinned-lookup.js'

const target = {url: 'ws://chat.example', host: 'chat.example', addresses: ['10.0.0.1', 'fd00::1'], loopback: false}

function ask(hostname: string, options: Parameters<LookupFunction>[1]): Promise<unknown> {
  return new Promise((resolve) => {
    pinnedLookup([target])(hostname, options, (error, address, family) => {
      resolve(error ? error.message : [address, family])
    })
  })
}

test.each([
  ['the first address', {}, ['10.0.0.1', 4]],
  ['the first of a family', {family: 6}, ['fd00::1', 6]],
  [
    'all addresses',
    {all: true},
    [
      [
        {address: '10.0.0.1', family: 4},
        {address: 'fd00::1', family: 6},
      ],
      undefined,
    ],
  ],
])('a checked host has %s', async (_what, options, answer) => {
  expect(await ask('Chat.Example.', options)).toEqual(answer)
})

test('a host that was not checked has none, so that no redirect leads away', async () => {
  expect(await ask('elsewhere.example', {all: true})).toBe('elsewhere.example was not checked against the allow-list')
})

test('a connection goes to the checked address, whatever DNS says', async () => {
  const server = createServer((socket) => socket.end('here')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const lookup = pinnedLookup([{...target, addresses: ['127.0.0.1']}])
  const socket = connect({host: 'chat.example', port, lookup})
  const [said] = (await once(socket, 'data')) as [Buffer]
  expect(said.toString()).toBe('here')
  socket.destroy()
  server.close()
})
