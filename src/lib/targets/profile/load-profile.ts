/** Makes a profile, with everything filled in, from proofload.yaml or from flags alone. */
import {basename, dirname, extname} from 'node:path'
import type {Guarantees, Protocol} from '../../protocols/websocket/protocol.js'
import {checkAuth, checkProfile} from './check-profile.js'
import {parseYaml} from './problems.js'
import {protocolFile, readProtocol} from './protocols.js'
import {type Profile, profileSchema, type ProfileText} from './schema.js'
import {checkTargetUrl, type TargetUrlKind} from './url.js'
import {checkAt, type Environment, readYaml, type YamlFile} from './yaml-file.js'

/** What a target promises when neither its profile nor its protocol says so: what the strictest user would expect. */
const DEFAULT_GUARANTEES: Guarantees = {delivery: 'exactly-once', order: 'sender', echo: true}

const DEFAULT_NAMES = {room: 'proofload-{{run}}-{{n}}', user: 'user-{{n}}'} as const

/**
 * Reads a profile; `${NAME}` in it comes from `env`, its paths count from its own folder. Throws a UsageError of one line,
 * `proofload.yaml:12: unknown key 'protcol', did you mean 'protocol'?`, for the first thing that is wrong. With a kind, every target must be
 * a URL of that kind.
 */
export async function loadProfile(file: string, env: Environment, kind?: TargetUrlKind): Promise<Profile> {
  const yaml = await readYaml(file, env)
  const text = parseYaml(profileSchema, yaml)
  const folder = dirname(file)
  const protocol = typeof text.protocol === 'string' ? await protocolOf(text.protocol, yaml, folder) : text.protocol
  checkProfile(text, yaml, kindOf(protocol, kind))
  const auth = text.auth && checkAuth(text.auth, yaml, folder)
  return fillIn(basename(file, extname(file)), protocol, auth ? {...text, auth} : text)
}

/** What is pushed by server-sent events is reached over HTTP. */
export function kindOf({transport}: Protocol, kind?: TargetUrlKind): TargetUrlKind | undefined {
  return kind === 'websocket' && transport === 'sse' ? 'http' : kind
}

/** What flags say of a target when there is no profile. */
export interface ProfileFlags {
  /** Name of a shipped protocol, or a path that counts from the working folder. Default: practice. */
  readonly protocol?: string
  readonly targets: readonly string[]
  readonly kind?: TargetUrlKind
}

/** A profile from flags alone. Throws a UsageError for a URL or protocol that is wrong. */
export async function profileFor({protocol = 'practice', targets, kind}: ProfileFlags): Promise<Profile> {
  const found = await readProtocol(await protocolFile(protocol, process.cwd()))
  for (const url of targets) checkTargetUrl(url, kindOf(found, kind))
  return fillIn(found.name, found, {targets})
}

/** The profile of the built-in practice target; its addresses are known once it has started. */
export async function practiceProfile(targets: readonly string[] = []): Promise<Profile> {
  return await profileFor({protocol: 'practice', targets})
}

async function protocolOf(nameOrPath: string, yaml: YamlFile, folder: string): Promise<Protocol> {
  const found = await protocolFile(nameOrPath, folder).catch((error: unknown) =>
    checkAt(yaml, ['protocol'], () => {
      throw error
    }),
  )
  return await readProtocol(found)
}

type Said = Omit<Partial<ProfileText>, 'targets' | 'protocol'> & {readonly targets: readonly string[]}

function fillIn(name: string, protocol: Protocol, said: Said): Profile {
  const {
    targets,
    names = {},
    auth = {mode: 'none'},
    headers = {},
    services = {},
    allowHosts = [],
    thresholds = [],
  } = said
  const {room = DEFAULT_NAMES.room, user = DEFAULT_NAMES.user} = names
  const guarantees = guaranteesOf(protocol, said)
  return {
    name,
    targets,
    protocol,
    names: {room, user},
    auth,
    headers,
    guarantees,
    services,
    allowHosts,
    thresholds,
    ...extras(protocol, said),
  }
}

type Extras = Pick<Profile, 'environment' | 'store' | 'history' | 'setup' | 'teardown' | 'nodes' | 'proxies'>

function extras(protocol: Protocol, said: Said): Extras {
  const {setup = [], teardown = [], nodes = [], proxies = {}} = said
  const history = said.history ?? protocol.history
  return {
    setup,
    teardown,
    nodes,
    proxies,
    ...(said.environment !== undefined && {environment: said.environment}),
    ...(said.store && {store: said.store}),
    ...(history && {history}),
  }
}

/** Each promise on its own: the profile's word, else the protocol's, else the default. */
function guaranteesOf(protocol: Protocol, said: Said): Guarantees {
  const {delivery, order, echo} = {...DEFAULT_GUARANTEES, ...protocol.guarantees, ...said.guarantees}
  return {
    delivery: delivery ?? DEFAULT_GUARANTEES.delivery,
    order: order ?? DEFAULT_GUARANTEES.order,
    echo: echo ?? DEFAULT_GUARANTEES.echo,
  }
}
