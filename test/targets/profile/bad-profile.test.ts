import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {loadProfile, profileFor} from '../../../src/lib/targets/profile/load-profile.js'
import {folderWith} from './folder.js'

/** What is said of a profile, with the folder left out. */
async function complaintOf(
  text: string,
  others: Record<string, string> = {},
  kind?: 'websocket' | 'http',
): Promise<string> {
  const folder = await folderWith({'proofload.yaml': text, ...others})
  return await complaint(loadProfile(join(folder, 'proofload.yaml'), {SET: 'x', EMPTY: ''}, kind), folder)
}

async function complaint(loading: Promise<unknown>, folder = '\0'): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(UsageError)
  const {message} = error as UsageError
  expect(message).not.toContain('\n')
  return message.replaceAll(`${folder}/`, '')
}

const HEAD = 'targets: [ws://localhost]\nprotocol: json\n'

describe('requests before and after the load', () => {
  test.each([
    [
      'a name that is not known',
      "setup:\n  - {each: room, url: '/rooms/{{rom}}'}\n",
      "proofload.yaml:4: unknown name {{rom}}, did you mean 'room'?",
    ],
    [
      'a rate that is none',
      'setup:\n  - {each: room, url: /rooms, rate: quick}\n',
      "proofload.yaml:4: setup.rate: expected a positive rate such as 200/s, got 'quick'",
    ],
    [
      'a template in its body',
      "teardown:\n  - {each: user, url: /x, body: {name: '{{usr}}'}}\n",
      "proofload.yaml:4: unknown name {{usr}}, did you mean 'user'?",
    ],
    [
      'a URL of another kind',
      'teardown:\n  - {each: run, url: ws://h/x}\n',
      "proofload.yaml:4: 'ws://h/x' is not an HTTP URL: write http://h/x",
    ],
  ])('may not have %s', async (_what, text, message) => {
    expect(await complaintOf(HEAD + text)).toBe(message)
  })
})

describe('a protocol over server-sent events', () => {
  const EVENTS = 'targets: [http://localhost]\nprotocol:\n  name: own\n  transport: sse\n'
  const HTTP = "  publish: {http: {url: /say, body: '{{body}}'}}\n"

  test.each([
    ['needs a request to publish by', "  publish: {send: '{{body}}'}\n", "'publish' must say 'http' and nothing else"],
    ['needs {{body}} in it', '  publish: {http: {url: /say}}\n', "'publish.http' must hold {{body}}"],
    ['has no frames', `${HTTP}  leave: {send: bye}\n`, "'leave' makes no sense over sse"],
    ['has no join to send', `${HTTP}  join: {send: hello}\n`, "'join.send' makes no sense over sse"],
    ['has names of its own', "  publish: {http: {url: '/{{rom}}', body: '{{body}}'}}\n", 'unknown name {{rom}}'],
    ['is on its own host', "  publish: {http: {url: 'http://h/x', body: '{{body}}'}}\n", 'must be a path'],
  ])('%s', async (_what, text, message) => {
    expect(await complaintOf(EVENTS + text, {}, 'websocket')).toContain(message)
  })

  test('is reached over HTTP', async () => {
    const wrong = EVENTS.replace('http:', 'ws:') + HTTP
    expect(await complaintOf(wrong, {}, 'websocket')).toBe(
      "proofload.yaml:1: 'ws://localhost' is not an HTTP URL: write http://localhost",
    )
  })
})

describe('keys and values', () => {
  test.each([
    [
      'a misspelt key',
      'targets: [ws://h]\nprotcol: json\n',
      "proofload.yaml:2: unknown key 'protcol', did you mean 'protocol'?",
    ],
    [
      'a misspelt key deep inside',
      `${HEAD}names:\n  user: u{{n}}\n  rom: r{{n}}\n`,
      "proofload.yaml:5: unknown key 'rom', did you mean 'room'?",
    ],
    [
      'a key like no other',
      `${HEAD}services: {mongo: x}\n`,
      "proofload.yaml:3: unknown key 'mongo', known: redis, postgres, rabbitmq",
    ],
    [
      'a key of another auth mode',
      `${HEAD}auth:\n  mode: fixed\n  token: a\n  path: b\n`,
      "proofload.yaml:6: unknown key 'path', known: mode, token",
    ],
    ['a missing key', 'targets: [ws://h]\n', "proofload.yaml:1: 'protocol' is missing"],
    ['a missing key deep inside', `${HEAD}auth:\n  mode: fixed\n`, "proofload.yaml:3: 'auth.token' is missing"],
    ['no target', 'targets: []\nprotocol: json\n', "proofload.yaml:1: 'targets' names no target"],
    ['text for a list', 'targets: ws://h\nprotocol: json\n', "proofload.yaml:1: 'targets' must be a list, not text"],
    ['a list for keys', `${HEAD}names: [a]\n`, "proofload.yaml:3: 'names' must be keys with values, not a list"],
    [
      'a number for text',
      `${HEAD}auth:\n  mode: fixed\n  token: 12345\n`,
      "proofload.yaml:5: 'auth.token' must be text, not a number: put it in quotes",
    ],
    [
      'nothing under a key',
      `${HEAD}services:\n  # redis: x\nheaders: {}\n`,
      "proofload.yaml:3: 'services' is empty: fill it in or leave it out",
    ],
    ['empty text', `${HEAD}environment: ''\n`, "proofload.yaml:3: 'environment' must not be empty"],
    [
      'an unknown auth mode',
      `${HEAD}auth: {mode: fixd}\n`,
      "proofload.yaml:3: 'auth.mode' must be one of none, fixed, file, sign, request, did you mean 'fixed'?",
    ],
    [
      'no auth mode',
      `${HEAD}auth: {token: a}\n`,
      "proofload.yaml:3: 'auth.mode' is missing: one of none, fixed, file, sign, request",
    ],
    [
      'an unknown promise',
      `${HEAD}guarantees: {order: senders}\n`,
      "proofload.yaml:3: 'guarantees.order' must be one of sender, none, did you mean 'sender'?",
    ],
    [
      'a word for yes or no',
      `${HEAD}guarantees:\n  echo: yes\n`,
      "proofload.yaml:4: 'guarantees.echo' must be true or false, not text",
    ],
    [
      'both keys of sign',
      `${HEAD}auth: {mode: sign, algorithm: HS256, key: a, keyFile: b}\n`,
      "proofload.yaml:3: 'auth': say either key or keyFile",
    ],
    [
      'a number for a protocol',
      'targets: [ws://h]\nprotocol: 5\n',
      "proofload.yaml:2: 'protocol' must be text or keys with values",
    ],
    [
      'another service',
      `${HEAD}services: {redis: 'postgres://h'}\n`,
      "proofload.yaml:3: 'services.redis' must be a redis:// or rediss:// URL",
    ],
    ['text for the whole', 'hello\n', 'proofload.yaml:1: the file must be keys with values, not text'],
  ])('%s', async (_what, text, message) => {
    expect(await complaintOf(text)).toBe(message)
  })

  test('the unknown key is named first, for it often explains the missing one', async () => {
    expect(await complaintOf('target: [ws://h]\nprotocol: json\n')).toBe(
      "proofload.yaml:1: unknown key 'target', did you mean 'targets'?",
    )
  })
})

describe('the file', () => {
  test('is not there', async () => {
    expect(await complaint(loadProfile('/nowhere/proofload.yaml', {}))).toBe(
      '/nowhere/proofload.yaml: there is no such file',
    )
  })

  test('is a folder', async () => {
    expect(await complaint(loadProfile('/tmp', {}))).toBe('/tmp: is a folder, not a file')
  })

  test.each([
    ['is empty', '', 'proofload.yaml: is empty'],
    ['holds only comments', '# nothing\n', 'proofload.yaml: is empty'],
    [
      'says a key twice',
      'protocol: json\ntargets: []\nprotocol: json\n',
      'proofload.yaml:3: the same key stands twice',
    ],
    ['is not YAML', 'targets: [a\nprotocol: json\n', /^proofload\.yaml:2: not YAML: /],
    ['is indented wrongly', 'targets:\n  - a\n - b\n', /^proofload\.yaml:3: not YAML: /],
    ['is binary', '\0\x01\x02', /^proofload\.yaml:1: /],
    ['grows without bounds', bomb(), /^proofload\.yaml: not usable YAML: /],
  ])('%s', async (_what, text, message) => {
    expect(await complaintOf(text)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })
})

describe('the environment', () => {
  test.each([
    [
      'does not have it',
      `${HEAD}\nauth:\n  mode: fixed\n  token: \${CHAT_TOKEN}\n`,
      'proofload.yaml:6: ${CHAT_TOKEN} is not set in the environment',
    ],
    ['has it empty', `${HEAD}environment: \${EMPTY}\n`, "proofload.yaml:3: 'environment' must not be empty"],
    [
      'cannot have it',
      `${HEAD}environment: \${A-B}\n`,
      "proofload.yaml:3: '${' begins no variable: write ${NAME}, or $${ for a plain '${'",
    ],
    [
      'is asked for without quotes inside braces',
      `${HEAD}auth: {mode: fixed, token: \${SET}}\n`,
      /^proofload\.yaml:3: not YAML: /,
    ],
  ])('%s', async (_what, text, message) => {
    expect(await complaintOf(text)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })
})

describe('what a schema cannot see', () => {
  test.each([
    [
      'a target without a scheme',
      'protocol: json\ntargets:\n  - ws://a\n  - chat.example\n',
      "proofload.yaml:4: 'chat.example' is not a URL: write wss://chat.example",
    ],
    [
      'a template in a target',
      'protocol: json\ntargets: ["ws://a/{{rom}}"]\n',
      "proofload.yaml:2: unknown name {{rom}}, did you mean 'room'?",
    ],
    [
      'a template in a name',
      `${HEAD}names:\n  user: x{{m}}{{user}}\n`,
      'proofload.yaml:4: unknown name {{m}}, known: run, n',
    ],
    [
      'a name that is the same for all',
      `${HEAD}names:\n  room: lobby\n`,
      "proofload.yaml:4: 'names.room' must hold {{n}}, so that every room has a name of its own",
    ],
    [
      'a template in a header',
      `${HEAD}headers:\n  A: x\n  B: "{{tokn}}"\n`,
      "proofload.yaml:5: unknown name {{tokn}}, did you mean 'token'?",
    ],
    [
      'a history elsewhere',
      `${HEAD}history: {url: 'ws://h/x'}\n`,
      "proofload.yaml:3: 'ws://h/x' is not an HTTP URL: write http://h/x",
    ],
    [
      'an allowed host with a scheme',
      `${HEAD}allowHosts:\n  - wss://a.example\n`,
      "proofload.yaml:4: allowed host 'wss://a.example' is a URL: write only its host, a.example",
    ],
    [
      'a duration',
      `${HEAD}auth:\n  mode: sign\n  algorithm: HS256\n  key: a\n  expiresIn: 5 lightyears\n`,
      /^proofload\.yaml:7: auth\.expiresIn: expected a positive duration/,
    ],
    [
      'a rate',
      `${HEAD}auth: {mode: request, url: /in, rate: 0/s}\n`,
      /^proofload\.yaml:3: auth\.rate: expected a positive rate/,
    ],
    [
      'a claim',
      `${HEAD}auth: {mode: sign, algorithm: HS256, key: a, claims: {a: {b: '{{usr}}'}}}\n`,
      "proofload.yaml:3: unknown name {{usr}}, did you mean 'user'?",
    ],
    [
      'a password without accounts',
      `${HEAD}auth: {mode: request, url: /in, body: {p: '{{password}}'}}\n`,
      'proofload.yaml:3: unknown name {{password}}, known: n, user, run',
    ],
    [
      'a login URL that is no URL',
      `${HEAD}auth: {mode: request, url: login.example/in}\n`,
      "proofload.yaml:3: 'login.example/in' is not a URL: write https://login.example/in",
    ],
    [
      'tokens that are not there',
      `${HEAD}auth: {mode: file, path: t.txt}\n`,
      "proofload.yaml:3: 'auth.path' names t.txt: there is no such file",
    ],
    [
      'a key that is not there',
      `${HEAD}auth: {mode: sign, algorithm: RS256, keyFile: k.pem}\n`,
      "proofload.yaml:3: 'auth.keyFile' names k.pem: there is no such file",
    ],
    [
      'accounts that are not there',
      `${HEAD}auth: {mode: request, url: /in, accounts: a.csv}\n`,
      "proofload.yaml:3: 'auth.accounts' names a.csv: there is no such file",
    ],
  ])('%s', async (_what, text, message) => {
    expect(await complaintOf(text)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  test('an http:// target where ws:// belongs', async () => {
    const message = await complaintOf('protocol: json\ntargets:\n  - http://localhost:80\n', {}, 'websocket')
    expect(message).toBe("proofload.yaml:3: 'http://localhost:80' is not a WebSocket URL: write ws://localhost:80")
  })
})

describe('protocols', () => {
  const own = (text: string): Record<string, string> => ({'own.yaml': text})
  const profile = 'targets: [ws://h]\nprotocol: own.yaml\n'
  const publish = 'name: own\npublish: {send: "{{body}}"}\n'

  test.each([
    [
      'a name that is not shipped',
      'targets: [ws://h]\nprotocol: jsn\n',
      {},
      "proofload.yaml:2: unknown protocol 'jsn', did you mean 'json'?",
    ],
    [
      'a name like no other',
      'targets: [ws://h]\nprotocol: smoke-signals\n',
      {},
      /^proofload\.yaml:2: unknown protocol 'smoke-signals', known: /,
    ],
    ['a file that is not there', profile, {}, 'proofload.yaml:2: protocol file own.yaml: there is no such file'],
    [
      'a misspelt key in the file',
      profile,
      own('name: own\n\npublsh: {send: x}\n'),
      "own.yaml:3: unknown key 'publsh', did you mean 'publish'?",
    ],
    [
      'a misspelt key inside the profile',
      'targets: [ws://h]\nprotocol:\n  name: own\n  publish:\n    sent: x\n',
      {},
      "proofload.yaml:5: unknown key 'sent', did you mean 'send'?",
    ],
    [
      'an empty matcher',
      profile,
      own(`${publish}join:\n  until: {}\n`),
      "own.yaml:4: 'join.until': say at least one of contains, startsWith, equals",
    ],
    [
      'a misspelt name in a frame',
      profile,
      own(`${publish}join:\n  send: "{{rom}}"\n`),
      "own.yaml:4: unknown name {{rom}}, did you mean 'room'?",
    ],
    [
      'a body where there is none',
      profile,
      own(`${publish}join:\n  send: "{{body}}"\n`),
      'own.yaml:4: unknown name {{body}}, known: user, n, room, token, run',
    ],
    [
      'a message without its body',
      profile,
      own('name: own\npublish:\n  send: hello\n'),
      "own.yaml:3: 'publish.send' must hold {{body}}: it carries what receivers are checked for",
    ],
    [
      'an ack by an id that is not sent',
      profile,
      own('name: own\npublish:\n  send: "{{body}}"\n  ack: {when: {equals: ok}, idAfter: "x"}\n'),
      "own.yaml:4: 'publish.send' must hold {{id}} for 'idAfter' to find it",
    ],
    [
      'a name in an answer',
      profile,
      own(`${publish}answer:\n  - {when: {equals: a}, send: "{{user}}"}\n`),
      'own.yaml:4: unknown name {{user}}: nothing is filled in here',
    ],
    [
      'a wrong duration',
      profile,
      own(`${publish}keepAlive: {every: 25 hertz, send: ping}\n`),
      /^own\.yaml:3: keepAlive\.every: expected a positive duration/,
    ],
    ['a wrong size', profile, own(`${publish}maxFrame: 1 meter\n`), /^own\.yaml:3: maxFrame: expected a positive size/],
  ])('%s', async (_what, text, others, message) => {
    expect(await complaintOf(text, others)).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    )
  })

  test('a name from a flag lists what is shipped', async () => {
    const error = await profileFor({protocol: 'chess', targets: []}).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      message: expect.stringContaining("unknown protocol 'chess', known: ") as string,
      hint: expect.stringMatching(/^shipped: actioncable, centrifugo, .*, practice, socketio, sse, stomp;/) as string,
    })
  })

  test('a target from a flag is checked', async () => {
    const loading = profileFor({protocol: 'json', targets: ['https://h'], kind: 'websocket'})
    expect(await complaint(loading)).toBe("'https://h' is not a WebSocket URL: write wss://h")
  })
})

/** Ten levels, each nine times the one before. */
function bomb(): string {
  const levels = Array.from(
    {length: 10},
    (_, level) =>
      `l${level}: &l${level} [${Array(9)
        .fill(level === 0 ? 'x' : `*l${level - 1}`)
        .join(',')}]`,
  )
  return `${levels.join('\n')}\n`
}
