import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import type {Profile} from '../../../src/lib/targets/profile/schema.js'
import {loadProfile, practiceProfile, profileFor} from '../../../src/lib/targets/profile/load-profile.js'
import {folderWith} from './folder.js'

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url))

async function load(
  text: string,
  env: Record<string, string> = {},
  others: Record<string, string> = {},
): Promise<Profile> {
  const folder = await folderWith({'staging.yaml': text, ...others})
  return await loadProfile(join(folder, 'staging.yaml'), env)
}

const MINIMAL = 'targets: [wss://chat.example]\nprotocol: json\n'

describe('a profile', () => {
  test('with the least in it has everything filled in', async () => {
    const {protocol, ...rest} = await load(MINIMAL)
    expect(protocol.name).toBe('json')
    expect(rest).toEqual({
      name: 'staging',
      targets: ['wss://chat.example'],
      names: {room: 'proofload-{{run}}-{{n}}', user: 'user-{{n}}'},
      auth: {mode: 'none'},
      headers: {},
      setup: [],
      teardown: [],
      guarantees: {delivery: 'exactly-once', order: 'sender', echo: true},
      nodes: [],
      proxies: {},
      services: {},
      allowHosts: [],
      thresholds: [],
    })
  })

  test('survives JSON, so that workers can be handed it', async () => {
    const profile = await load(`${MINIMAL}environment: staging\nauth: {mode: fixed, token: abc}\n`)
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
  })

  test('stands above its protocol in history and in each guarantee', async () => {
    const own =
      'name: own\npublish: {send: "{{body}}"}\nhistory: {url: /old}\nguarantees: {delivery: at-least-once, echo: false}\n'
    const text = 'targets: [ws://h]\nprotocol: ./own.yaml\nhistory: {url: /new}\nguarantees: {echo: true}\n'
    const profile = await load(text, {}, {'own.yaml': own})
    expect(profile.history).toEqual({url: '/new'})
    expect(profile.guarantees).toEqual({delivery: 'at-least-once', order: 'sender', echo: true})
  })

  test('may publish over HTTP beside its frames', async () => {
    const publish = '{send: "x {{body}}", http: {url: /say, body: "{{body}}"}}'
    const profile = await load(`targets: [ws://h]\nprotocol:\n  name: both\n  publish: ${publish}\n`)
    expect(profile.protocol.publish).toEqual({send: 'x {{body}}', http: {url: '/say', body: '{{body}}'}})
  })

  test('may hold its protocol itself', async () => {
    const profile = await load('targets: [ws://h]\nprotocol:\n  name: inline\n  publish: {send: "x {{body}}"}\n')
    expect(profile.protocol).toEqual({name: 'inline', publish: {send: 'x {{body}}'}})
  })

  test('names files from its own folder', async () => {
    const profile = await load(`${MINIMAL}auth: {mode: file, path: tokens.txt}\n`, {}, {'tokens.txt': 'a\n'})
    expect(profile.auth).toEqual({mode: 'file', path: expect.stringMatching(/^\/.*\/tokens\.txt$/) as string})
  })
})

describe('the environment', () => {
  test.each([
    ['a whole value', 'token: ${TOKEN}', 'a b: #c'],
    ['a part of a value', 'token: "x-${TOKEN}-y"', 'x-a b: #c-y'],
    ['twice', 'token: ${TOKEN}${TOKEN}', 'a b: #ca b: #c'],
    ['escaped', 'token: $${TOKEN}', '${TOKEN}'],
    ['a dollar alone', 'token: 5$ and $TOKEN', '5$ and $TOKEN'],
  ])('fills in %s', async (_what, line, token) => {
    const profile = await load(`${MINIMAL}auth:\n  mode: fixed\n  ${line}\n`, {TOKEN: 'a b: #c'})
    expect(profile.auth).toEqual({mode: 'fixed', token})
  })

  test('keeps digits as text, and makes true and false what they say', async () => {
    const text = `${MINIMAL}auth:\n  mode: fixed\n  token: \${PIN}\nguarantees:\n  echo: \${ECHO}\n`
    const profile = await load(text, {PIN: '0123', ECHO: 'false'})
    expect(profile.auth).toEqual({mode: 'fixed', token: '0123'})
    expect(profile.guarantees.echo).toBe(false)
  })

  test('is not asked for what stands in a comment', async () => {
    await expect(load(`${MINIMAL}# token: \${NOT_SET}\n`)).resolves.toBeDefined()
  })
})

describe('what we ship', () => {
  test('the profile template is right as it stands', async () => {
    const profile = await loadProfile(join(FIXTURES, 'proofload.yaml'), {}, 'websocket')
    expect(profile).toMatchObject({name: 'proofload', targets: ['ws://localhost:8080'], environment: 'staging'})
  })

  test.each(['json', 'practice'])('the protocol %s is right', async (protocol) => {
    const profile = await profileFor({protocol, targets: ['ws://127.0.0.1:1'], kind: 'websocket'})
    expect(profile).toMatchObject({name: protocol, targets: ['ws://127.0.0.1:1'], protocol: {name: protocol}})
  })

  test('the practice profile waits for its addresses', async () => {
    expect(await practiceProfile()).toMatchObject({
      targets: [],
      guarantees: {delivery: 'exactly-once', order: 'sender', echo: true},
    })
  })
})

describe('what stands in comments in the profile template', async () => {
  const template = await readFile(join(FIXTURES, 'proofload.yaml'), 'utf8')
  const [, ...parts] = template.split('\n\n')

  /** Takes the mark of a comment from lines that begin with a key or a dash. */
  const uncommented = (part: string): string => part.replace(/^( *)# (?= *(?:[\w-]+:(?: |$)|- ))/gm, '$1')

  test.each(['fixed', 'file', 'sign', 'request'])('auth mode %s is right', async (mode) => {
    const others = parts.filter((part) => !/^(# )?auth:/m.test(part))
    const block = parts.find((part) => part.startsWith('# auth:') && part.includes(`mode: ${mode}\n`)) ?? ''
    const files = {'tokens.txt': 'a\n', 'accounts.csv': 'a,b\n'}
    const profile = await load([...others, uncommented(block)].join('\n'), {CHAT_TOKEN: 'a', CHAT_TEST_KEY: 'b'}, files)
    expect(profile.auth.mode).toBe(mode)
  })

  test('everything else is right', async () => {
    const others = parts.filter((part) => !/^(# )?(auth|protocol):/m.test(part))
    const text = ['protocol: json', ...others.map(uncommented)].join('\n')
    const profile = await load(text, {REDIS_PASSWORD: 'a', PGPASSWORD: 'b', RABBITMQ_PASSWORD: 'c'})
    expect(profile.targets).toHaveLength(3)
    expect(profile.allowHosts).toHaveLength(2)
    expect(profile.thresholds).toHaveLength(2)
    expect(Object.keys(profile.services)).toEqual(['redis', 'postgres', 'rabbitmq'])
    expect(profile.history?.url).toContain('{{room}}')
    expect(Object.keys(profile.headers)).toEqual(['X-Load-Test', 'Authorization'])
  })
})
