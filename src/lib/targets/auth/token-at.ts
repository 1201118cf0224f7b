/** Finds the token in a login answer. */
import {TargetError} from '../../base/errors.js'

/**
 * The token at a JSON pointer (`/data/token`, RFC 6901) or a path with dots (`data.token`); without a place, the whole answer. Throws a
 * TargetError that repeats nothing of the answer.
 */
export function tokenAt(answer: string, place: string | undefined): string {
  if (place === undefined) {
    const token = answer.trim()
    if (token === '') throw new TargetError('the login answer is empty, so it holds no token')
    return token
  }
  let value = parse(answer)
  for (const step of stepsOf(place)) value = member(value, step)
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number') return String(value)
  throw new TargetError(`the login answer holds no token at ${place}`, {hint: 'check auth.tokenAt in the profile'})
}

function stepsOf(place: string): string[] {
  if (!place.startsWith('/')) return place.split('.')
  return place
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function member(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
  return (value as Record<string, unknown>)[step]
}

function parse(answer: string): unknown {
  try {
    return JSON.parse(answer)
  } catch {
    throw new TargetError('the login answer is not JSON', {
      hint: 'leave auth.tokenAt out when the whole answer is the token',
    })
  }
}
