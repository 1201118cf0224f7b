/** Greets a service of the profile: does it answer, what is it, and may we do there what drills will want to do? */
import type {Clock} from '../../../base/clock.js'
import {redact} from '../../../base/redact.js'
import type {Check} from '../../../report/diagnosis-schema.js'
import type {AdmittedService, ServiceName} from '../admit.js'
import type {Greet} from './greeting.js'

const GREETERS: Readonly<Record<ServiceName, () => Promise<Greet>>> = {
  redis: async () => (await import('./redis.js')).greetRedis,
  postgres: async () => (await import('./postgres.js')).greetPostgres,
  rabbitmq: async () => (await import('./rabbitmq.js')).greetRabbitmq,
}

/** Never rejects. */
export async function serviceCheck(service: AdmittedService, clock: Clock): Promise<Check> {
  const {name, url, host} = service
  const row = {area: 'service' as const, name}
  if (host === undefined) return {...row, ...notAsked(service)}
  try {
    const greet = await GREETERS[name]()
    const {state, value, remedies = []} = await greet(url, host.addresses[0] ?? host.host, clock)
    return {...row, state, value: redact(value), remedies}
  } catch (error) {
    const value = `${redact(url)} · ${redact(reasonOf(error))}`
    const what = 'check its connection string under services, and that this machine may reach it'
    return {...row, state: 'problem', value, remedies: [{what}]}
  }
}

/** Want of permission is no fault of the service. */
function notAsked({url, refusal}: AdmittedService): Pick<Check, 'state' | 'value' | 'remedies'> {
  const {why = 'it has no address', forbidden = false} = refusal ?? {}
  if (forbidden) return {state: 'warning', value: `not asked: ${why}`, remedies: [{what: 'add the flag to ask it too'}]}
  const what = 'check its connection string under services'
  return {state: 'problem', value: `${redact(url)} · ${why}`, remedies: [{what}]}
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
