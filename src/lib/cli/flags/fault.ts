/** The flags of `proofload fault` and of what stands below it. */
import {UsageError} from '../../base/errors.js'
import {everywhereFlags, targetFlags} from './common.js'
import {option, type Read, repeated, toggle, type Values} from './option.js'
import {duration, text} from './read.js'

export interface Assignment {
  readonly key: string
  readonly value: string
}

const assignment: Read<Assignment> = (given, name) => {
  const [key = '', value] = given.split(/=(.*)/s)
  if (value === undefined || key.trim() === '')
    throw new UsageError(`${name}: expected KEY=VALUE such as type=pubsub, got '${given}'`)
  return {key: key.trim(), value: value.trim()}
}

const profile: typeof targetFlags.profile = {
  ...targetFlags.profile,
  summary: 'Target profile (proofload.yaml): its services, nodes, proxies and allowed hosts.',
}

export const disturbFlags = {
  target: option(text, {
    value: 'URL',
    summary: 'What to disturb: redis://…, postgres://…, or the API of a fault proxy (http://…).',
  }),
  for: option(duration, {value: 'TIME', summary: 'How long; one-shot faults take none.'}),
  param: repeated(assignment, {value: 'KEY=VALUE', summary: 'A parameter of the fault; repeatable.'}),
  profile,
  'allow-host': {
    ...targetFlags['allow-host'],
    summary: 'A host that may be disturbed, this machine too: a name, *.a.domain, an address or a CIDR; repeatable.',
  } as (typeof targetFlags)['allow-host'],
  'allow-production': targetFlags['allow-production'],
  'allow-sticky': toggle({summary: 'Allow faults that only we can put back.'}),
  seed: option(text, {value: 'TEXT', summary: 'Makes the choice of whom it hits repeatable; fresh by default.'}),
  'dry-run': toggle({summary: 'Show whom it would hit, and stop.'}),
}

export const recoverFlags = {
  redis: option(text, {value: 'URL', summary: 'The Redis to put right; no journal holds its password.'}),
  postgres: option(text, {value: 'URL', summary: 'The Postgres to put right.'}),
  profile,
  force: toggle({
    summary: 'Break the locks, and also put back what a run left that seems to be alive, here or on another machine.',
  }),
}

export type FaultFlagValues = Values<typeof disturbFlags> & Values<typeof everywhereFlags>
export type RecoverFlagValues = Values<typeof recoverFlags> & Values<typeof everywhereFlags>
