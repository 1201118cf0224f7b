/** What a schema cannot see in a profile: URLs, names in templates, units, patterns of hosts, and whether the files it names are there. */
import {accessSync, constants} from 'node:fs'
import {resolve} from 'node:path'
import {UsageError} from '../../base/errors.js'
import {parseDuration, parseRate} from '../../base/parse-units.js'
import {compileTemplate} from '../../protocols/template.js'
import {ACCOUNT_NAMES, compileJsonTemplate, USER_NAMES} from '../auth/claims.js'
import type {Auth, RequestAuth, SignAuth} from '../auth/schema.js'
import type {RequestSpec} from '../requests/schema.js'
import {hostPattern} from '../safety/host-pattern.js'
import {checkProtocol, checkTemplate, CONNECTION_NAMES} from './check-protocol.js'
import type {ProfileText} from './schema.js'
import {checkTargetUrl, type TargetUrlKind} from './url.js'
import {checkAt, whyUnreadable, type YamlFile, type YamlPath} from './yaml-file.js'

const NUMBERED_NAMES: readonly string[] = ['run', 'n']

/** Throws a UsageError with file and line for the first thing that cannot work. */
export function checkProfile(profile: ProfileText, yaml: YamlFile, kind?: TargetUrlKind): void {
  profile.targets.forEach((url, index) => {
    checkAt(yaml, ['targets', index], () => checkTargetUrl(url, kind))
    checkTemplate(yaml, ['targets', index], url, CONNECTION_NAMES)
  })
  if (typeof profile.protocol === 'object') checkProtocol(profile.protocol, yaml, ['protocol'])
  checkNumbered(yaml, 'room', profile.names?.room)
  checkNumbered(yaml, 'user', profile.names?.user)
  checkHeaders(yaml, ['headers'], profile.headers)
  if (profile.history) {
    checkTemplate(yaml, ['history', 'url'], profile.history.url, CONNECTION_NAMES)
    checkRequestUrl(yaml, ['history', 'url'], profile.history.url)
    checkHeaders(yaml, ['history', 'headers'], profile.history.headers)
  }
  checkRequests(yaml, 'setup', profile.setup)
  checkRequests(yaml, 'teardown', profile.teardown)
  checkNodes(yaml, profile.nodes)
  for (const [name, {api}] of Object.entries(profile.proxies ?? {})) checkApi(yaml, ['proxies', name, 'api'], api)
  profile.allowHosts?.forEach((host, index) => checkAt(yaml, ['allowHosts', index], () => hostPattern(host)))
}

/** Two of one name could not be told apart, and process 1 is the machine. */
function checkNodes(yaml: YamlFile, nodes: ProfileText['nodes'] = []): void {
  nodes.forEach(({name, pid}, index) => {
    const refuse = (key: string, why: string): unknown =>
      checkAt(yaml, ['nodes', index, key], () => {
        throw new UsageError(why)
      })
    if (nodes.findIndex((node) => node.name === name) < index) refuse('name', `there are two nodes '${name}'`)
    if (pid !== undefined && pid <= 1) refuse('pid', `process ${pid} is never disturbed`)
  })
}

/** The API asks for no password, and one here would end up in the journal of faults. */
function checkApi(yaml: YamlFile, path: YamlPath, api: string): void {
  checkAt(yaml, path, () => {
    const {username, password} = checkTargetUrl(api, 'http')
    if (username !== '' || password !== '') throw new UsageError("a proxy's API takes no name and no password")
  })
}

/** Auth with absolute paths. Throws a UsageError with file and line for a file, template or unit that cannot work. */
export function checkAuth(auth: Auth, yaml: YamlFile, folder: string): Auth {
  switch (auth.mode) {
    case 'none':
    case 'fixed':
      return auth
    case 'file':
      return {...auth, path: fileAt(yaml, ['auth', 'path'], resolve(folder, auth.path))}
    case 'sign':
      return checkSign(auth, yaml, folder)
    case 'request':
      return checkRequest(auth, yaml, folder)
  }
}

function checkSign(auth: SignAuth, yaml: YamlFile, folder: string): SignAuth {
  const {claims, expiresIn, keyFile} = auth
  if (claims) checkAt(yaml, ['auth', 'claims'], () => compileJsonTemplate(claims, USER_NAMES))
  if (expiresIn !== undefined)
    checkAt(yaml, ['auth', 'expiresIn'], () => parseDuration(expiresIn, {positive: true, name: 'auth.expiresIn'}))
  return keyFile === undefined ? auth : {...auth, keyFile: fileAt(yaml, ['auth', 'keyFile'], resolve(folder, keyFile))}
}

function checkRequest(auth: RequestAuth, yaml: YamlFile, folder: string): RequestAuth {
  const {url, body, accounts, rate, expiresIn} = auth
  const names = accounts === undefined ? USER_NAMES : ACCOUNT_NAMES
  checkTemplate(yaml, ['auth', 'url'], url, names)
  checkRequestUrl(yaml, ['auth', 'url'], url)
  checkHeaders(yaml, ['auth', 'headers'], auth.headers, names)
  if (typeof body === 'string') checkTemplate(yaml, ['auth', 'body'], body, names)
  else if (body) checkAt(yaml, ['auth', 'body'], () => compileJsonTemplate(body, names))
  if (expiresIn !== undefined)
    checkAt(yaml, ['auth', 'expiresIn'], () => parseDuration(expiresIn, {positive: true, name: 'auth.expiresIn'}))
  if (rate !== undefined) checkAt(yaml, ['auth', 'rate'], () => parseRate(rate, {positive: true, name: 'auth.rate'}))
  return accounts === undefined
    ? auth
    : {...auth, accounts: fileAt(yaml, ['auth', 'accounts'], resolve(folder, accounts))}
}

/** What is asked for before and after the load. */
function checkRequests(yaml: YamlFile, list: 'setup' | 'teardown', requests: readonly RequestSpec[] = []): void {
  requests.forEach(({url, headers, body, rate}, index) => {
    const at = [list, index]
    checkTemplate(yaml, [...at, 'url'], url, CONNECTION_NAMES)
    checkRequestUrl(yaml, [...at, 'url'], url)
    checkHeaders(yaml, [...at, 'headers'], headers)
    if (typeof body === 'string') checkTemplate(yaml, [...at, 'body'], body, CONNECTION_NAMES)
    else if (body) checkAt(yaml, [...at, 'body'], () => compileJsonTemplate(body, CONNECTION_NAMES))
    if (rate !== undefined)
      checkAt(yaml, [...at, 'rate'], () => parseRate(rate, {positive: true, name: `${list}.rate`}))
  })
}

function checkHeaders(
  yaml: YamlFile,
  at: YamlPath,
  headers: Readonly<Record<string, string>> | undefined,
  names = CONNECTION_NAMES,
): void {
  for (const [name, text] of Object.entries(headers ?? {})) checkTemplate(yaml, [...at, name], text, names)
}

/** A path on the target, or a whole URL whose host is not a template, so that it can be held against the allow-list. */
function checkRequestUrl(yaml: YamlFile, path: YamlPath, url: string): void {
  if (!url.startsWith('/'))
    checkAt(yaml, path, () => checkTargetUrl(url.replace(/(?<=\{\{)\s+|\s+(?=\}\})/g, ''), 'http'))
}

/** Without a number, all rooms would be one room. */
function checkNumbered(yaml: YamlFile, what: 'room' | 'user', text = '{{n}}'): void {
  checkAt(yaml, ['names', what], () => {
    const {names} = compileTemplate(text, NUMBERED_NAMES)
    if (!names.includes('n'))
      throw new UsageError(`'names.${what}' must hold {{n}}, so that every ${what} has a name of its own`)
  })
}

function fileAt(yaml: YamlFile, path: YamlPath, file: string): string {
  return checkAt(yaml, path, () => {
    try {
      accessSync(file, constants.R_OK)
      return file
    } catch (cause) {
      throw new UsageError(`'${path.join('.')}' names ${file}: ${whyUnreadable(cause)}`, {cause})
    }
  })
}
