/** Where the faults of a run act: on the services, proxies and nodes that the profile names, and on our own link to the target. */
import {UsageError} from '../base/errors.js'
import type {CommonInput} from '../drills/drill.js'
import type {FaultGround, NodeHandle, PlannedFault} from '../faults/fault.js'
import type {Profile} from '../targets/profile/schema.js'

/** The name of the link between us and the target, which every run has. */
export const LINK_TO_TARGET = 'target'

const EXAMPLES = {
  redis: 'redis://host:6379',
  postgres: 'postgres://user@host:5432/database',
} as const

/** What the faults need must be there; names of proxies and nodes were held against the profile by the plan. Throws a UsageError. */
export function checkGround(
  faults: readonly PlannedFault[],
  input: Pick<CommonInput, 'targets' | 'profile' | 'sourceAddresses'>,
): void {
  if (disturbsLink(faults)) checkLink(input)
  if (input.targets.length === 0) return
  for (const {needs, text} of faults) {
    if ((needs !== 'redis' && needs !== 'postgres') || input.profile.services[needs] !== undefined) continue
    throw new UsageError(
      `fault '${text}' needs the target's ${needs}: add its URL to the profile as services.${needs}`,
      {
        hint: `for example: services: {${needs}: '${EXAMPLES[needs]}'}`,
      },
    )
  }
}

function checkLink({profile, sourceAddresses}: Pick<CommonInput, 'profile' | 'sourceAddresses'>): void {
  if (profile.protocol.transport === 'sse')
    throw new UsageError(
      `proxy=${LINK_TO_TARGET} disturbs WebSockets, but the protocol ${profile.protocol.name} is spoken over HTTP`,
    )
  if (sourceAddresses.length > 0)
    throw new UsageError(
      `--source-address and proxy=${LINK_TO_TARGET} exclude each other: the proxy connects from its own address`,
    )
}

/** The ground of a system of the user's own. */
export function groundIn({services: {redis, postgres}, proxies, nodes}: Profile): FaultGround {
  return {
    ...(redis === undefined ? {} : {redis}),
    ...(postgres === undefined ? {} : {postgres}),
    proxies,
    nodes: nodes.map(nodeHandle),
  }
}

export function nodeHandle({name, pid, inject, revert}: Profile['nodes'][number]): NodeHandle {
  return {
    name,
    ...(pid === undefined ? {} : {pid}),
    ...(inject === undefined ? {} : {inject}),
    ...(revert === undefined ? {} : {revert}),
  }
}

/** URLs of the servers that the faults act on by themselves; none of the practice target, whose profile names none. */
export function serversOf(faults: readonly PlannedFault[], {services}: Profile): string[] {
  const urls = faults.flatMap(({needs}) => (needs === 'redis' || needs === 'postgres' ? (services[needs] ?? []) : []))
  return [...new Set(urls)]
}

/** URLs of the APIs of the proxies that they act on. */
export function proxyApisOf(faults: readonly PlannedFault[], {proxies}: Profile): string[] {
  return [...new Set(faults.flatMap(({parameters}) => proxies[String(parameters['proxy'])]?.api ?? []))]
}

/** Whether our own link to the target is to be disturbed. */
export function disturbsLink(faults: readonly PlannedFault[]): boolean {
  return faults.some(({parameters}) => parameters['proxy'] === LINK_TO_TARGET)
}
