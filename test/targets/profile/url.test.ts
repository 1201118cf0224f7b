import {describe, expect, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {checkTargetUrl, httpUrlOf, type TargetUrlKind} from '../../../src/lib/targets/profile/url.js'

describe('a right URL is taken', () => {
  test.each<[string, TargetUrlKind | undefined]>([
    ['ws://localhost:8080', 'websocket'],
    ['wss://chat.example/socket?v=2', 'websocket'],
    ['wss://chat.example/ws/{{room}}?token={{token}}', 'websocket'],
    ['WSS://chat.example', 'websocket'],
    ['ws://[::1]:8080/ws', 'websocket'],
    ['ws://ann:secret@chat.example:65535', 'websocket'],
    ['https://chat.example', 'http'],
    ['http://127.0.0.1:1', 'http'],
    ['http://chat.example', undefined],
    ['ws://chat.example', undefined],
  ])('%s', (url, kind) => {
    expect(checkTargetUrl(url, kind)).toBeInstanceOf(URL)
  })
})

describe('a wrong URL is refused, and the message says what to type', () => {
  test.each<[string, TargetUrlKind, string]>([
    [
      'http://chat.example/ws',
      'websocket',
      "'http://chat.example/ws' is not a WebSocket URL: write ws://chat.example/ws",
    ],
    [
      'https://chat.example:8443',
      'websocket',
      "'https://chat.example:8443' is not a WebSocket URL: write wss://chat.example:8443",
    ],
    ['wss://chat.example', 'http', "'wss://chat.example' is not an HTTP URL: write https://chat.example"],
    ['ws://localhost:3000/x', 'http', "'ws://localhost:3000/x' is not an HTTP URL: write http://localhost:3000/x"],
    ['chat.example', 'websocket', "'chat.example' is not a URL: write wss://chat.example"],
    ['localhost:8080', 'websocket', "'localhost:8080' is not a URL: write ws://localhost:8080"],
    ['127.0.0.1:8080', 'http', "'127.0.0.1:8080' is not a URL: write http://127.0.0.1:8080"],
    ['//chat.example', 'websocket', "'//chat.example' is not a URL: write wss://chat.example"],
    ['ws:/chat.example', 'websocket', "'ws:/chat.example' is not a URL: write wss://chat.example"],
    ['', 'websocket', "'' is not a URL: write wss://chat.example"],
    ['wss://chat example', 'websocket', "'wss://chat example' is not a URL: it has a space in it"],
    [
      'ftp://chat.example',
      'websocket',
      "'ftp://chat.example' begins with ftp://, which is not known here: ws://, wss://",
    ],
    ['ws://', 'websocket', "'ws://' has no host: write it like wss://chat.example"],
    ['ws:///ws', 'websocket', "'ws:///ws' has no host: write it like wss://chat.example"],
    ['ws://:8080', 'websocket', "'ws://:8080' has no host: write it like wss://chat.example"],
    ['ws://h:0', 'websocket', "'ws://h:0' has port 0: a port is a whole number from 1 to 65535"],
    ['ws://h:65536/x', 'websocket', "'ws://h:65536/x' has port 65536: a port is a whole number from 1 to 65535"],
    ['ws://h:80a', 'websocket', "'ws://h:80a' has port 80a: a port is a whole number from 1 to 65535"],
    ['ws://[::1', 'websocket', "'ws://[::1' is not a URL: its host is not a name or an IP address"],
    [
      'ws://{{room}}.example',
      'websocket',
      "'ws://{{room}}.example' is not a URL: its host is not a name or an IP address",
    ],
    ['ws://h/#top', 'websocket', "'ws://h/#top' has a part after '#', which is never sent: leave it out"],
    [
      'http://ann:pw@h?token=abc',
      'websocket',
      "'http://ann:***@h?token=***' is not a WebSocket URL: write ws://ann:***@h?token=***",
    ],
    ['ann:pw@chat.example', 'websocket', "'ann:***@chat.example' is not a URL: write wss://ann:***@chat.example"],
  ])('%s', (url, kind, message) => {
    expect(() => checkTargetUrl(url, kind)).toThrow(new UsageError(message))
  })
})

test('the same address over HTTP keeps its encryption', () => {
  expect(['ws://a:1/x', 'wss://a', 'https://a', 'WS://a'].map(httpUrlOf)).toEqual([
    'http://a:1/x',
    'https://a',
    'https://a',
    'http://a',
  ])
})
