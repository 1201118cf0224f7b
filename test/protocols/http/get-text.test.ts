import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo, LookupFunction} from 'node:net'
import {afterEach, describe, expect, it, test, vi} from 'vitest'
import {textReader, type Reading, type TextReader} from '../../../src/lib/protocols/http/get-text.js'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const toLoopback: LookupFunction = (_host, options, callback) => {
  if (options.all === true) callback(null, [{address: '127.0.0.1', family: 4}])
  else callback(null, '127.0.0.1', 4)
}

const opened: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function served(answer: Answer): Promise<{url: string; open: () => Promise<number>}> {
  const server = createServer((request, response) => answer(response, request))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const open = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  return {url: `http://chat.test:${(server.address() as AddressInfo).port}/`, open}
}

function reader(more: Partial<Reading> = {}): TextReader {
  const reading = {headers: {}, timeoutMs: 10_000, atMost: 1000, lookup: toLoopback, insecure: false}
  const made = textReader({...reading, ...more})
  opened.push(async () => made[Symbol.asyncDispose]())
  return made
}

describe('a page', () => {
  it('is read whole, with the headers and the address that were given', async () => {
    const {url} = await served((response, {headers, url: path}) => {
      response.write(`${headers.authorization ?? '?'} `)
      response.end(`${headers.host ?? '?'} ${path ?? '?'}`)
    })
    const page = await reader({headers: {authorization: 'Bearer t'}}).read(`${url}rooms/a?limit=5`)
    expect(page.toString()).toBe(`Bearer t ${new URL(url).host} /rooms/a?limit=5`)
  })

  test.each([0, 999, 1000])('of %d bytes fits into 1000', async (size) => {
    const {url} = await served((response) => response.end(Buffer.alloc(size)))
    expect(await reader().read(url)).toHaveLength(size)
  })

  test.each([
    ['too large', (response: ServerResponse) => response.end(Buffer.alloc(1001)), /larger than 1000 bytes/],
    ['endless', (response: ServerResponse) => flood(response), /larger than 1000 bytes/],
    ['not there', (response: ServerResponse) => response.writeHead(404).end('no'), /status 404/],
    ['elsewhere', (response: ServerResponse) => response.writeHead(302, {location: '/x'}).end(), /status 302/],
    ['broken off', (response: ServerResponse) => breakOff(response), /terminated|other side closed|aborted/],
  ])('that is %s is an error that says so', async (_what, answer, message) => {
    const {url} = await served(answer)
    await expect(reader().read(url)).rejects.toThrow(message)
  })

  test.each([
    ['never begins', () => undefined],
    ['never ends', (response: ServerResponse) => void response.write('a')],
    ['drips in for ever', (response: ServerResponse) => drip(response)],
  ])('that %s is given up in time', async (_what, answer: Answer) => {
    const {url} = await served(answer)
    await expect(reader({timeoutMs: 200}).read(url)).rejects.toThrow(/time/i)
  })

  it('that nobody serves is an error with its reason', async () => {
    const {url} = await served(() => undefined)
    for (const close of opened.splice(0)) await close()
    await expect(reader().read(url)).rejects.toMatchObject({code: 'ECONNREFUSED'})
  })

  it('of a host that was not looked up is not read', async () => {
    const lookup: LookupFunction = (host, _options, callback) => callback(new Error(`${host} was not checked`), '')
    await expect(reader({lookup}).read('http://elsewhere.test/')).rejects.toThrow('elsewhere.test was not checked')
  })
})

describe('a reader', () => {
  it('reads many pages over what it opened, and closes it when disposed of', async () => {
    const {url, open} = await served((response) => response.end('page'))
    const pages = textReader({headers: {}, timeoutMs: 10_000, atMost: 10, lookup: toLoopback, insecure: false})
    for (let n = 0; n < 5; n++) await pages.read(url)
    expect(await open()).toBeLessThan(5)
    await pages[Symbol.asyncDispose]()
    await vi.waitFor(async () => expect(await open()).toBe(0))
  })

  it('closes in time after a page that was too large', async () => {
    const {url, open} = await served((response) => flood(response))
    const pages = textReader({headers: {}, timeoutMs: 10_000, atMost: 10, lookup: toLoopback, insecure: false})
    await expect(pages.read(url)).rejects.toThrow(/larger/)
    await pages[Symbol.asyncDispose]()
    await vi.waitFor(async () => expect(await open()).toBe(0))
  })
})

function flood(response: ServerResponse): void {
  if (response.destroyed) return
  response.write(Buffer.alloc(500), () => flood(response))
}

function drip(response: ServerResponse): void {
  response.write('a')
  const timer = setInterval(() => response.write('a'), 20)
  response.on('close', () => clearInterval(timer))
}

function breakOff(response: ServerResponse): void {
  response.writeHead(200, {'content-length': '500'})
  response.write('a', () => response.destroy())
}
