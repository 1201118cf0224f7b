/** What a search amounts to: the most users that were held, the curve, and whose limit it was; pure. */
import {formatCount} from '../../base/format-units.js'
import type {Curve} from '../../metrics/curve.js'
import type {Phase} from '../../metrics/metric.js'
import type {Doubt} from '../../verdict/finding.js'
import type {LevelResult} from './level-result.js'
import {highestHeld, lowestNotHeld} from './levels.js'

interface Knee {
  readonly held: LevelResult | undefined
  readonly notHeld: LevelResult | undefined
}

function kneeOf(levels: readonly LevelResult[]): Knee {
  const at = (rooms: number | undefined) => levels.find((level) => level.rooms === rooms)
  return {held: at(highestHeld(levels)), notHeld: at(lowestNotHeld(levels))}
}

/** The phases in which our own side must have been well for the search to count: of the levels that held, or of all when none did. */
export function heldPhases(phases: readonly Phase[], levels: readonly LevelResult[]): Phase[] {
  const held = levels.filter(({outcome}) => outcome === 'held')
  const names = new Set((held.length > 0 ? held : levels).map(({name}) => name))
  return phases.filter(({name}) => names.has(name))
}

/** Undefined when no level was finished. */
export function maxUsers(levels: readonly LevelResult[]): number | undefined {
  return levels.length === 0 ? undefined : (kneeOf(levels).held?.users ?? 0)
}

/** Where our own side gave in first, the target's limit was not found. */
export function kneeDoubts(levels: readonly LevelResult[]): Doubt[] {
  const {notHeld} = kneeOf(levels)
  if (notHeld?.outcome !== 'strained') return []
  return [
    {
      name: 'own-limit',
      why: `at ${formatCount(notHeld.users)} users our own side was strained (${notHeld.why}), so that it is not known whether that limit is ours or the target's`,
      advice: 'move the generator to a machine of its own, or add workers with --workers while there are free cores',
      spoils: ['max_users'],
    },
  ]
}

export function curveOf(levels: readonly LevelResult[]): Curve {
  return {
    x: {name: 'users', unit: 'count'},
    columns: [
      {name: 'p99(delivery_latency)', unit: 'ms'},
      {name: 'lost', unit: 'share'},
    ],
    points: levels.map(({users, p99, lost, expected, outcome, why}) => ({
      x: users,
      values: [p99, expected === 0 ? null : lost / expected],
      outcome,
      ...(why === '' ? {} : {why}),
    })),
    knee: sentence(kneeOf(levels)),
  }
}

function sentence({held, notHeld}: Knee): string {
  const upTo = held && `${formatCount(held.users)} users held`
  if (!notHeld) return upTo ? `${upTo}, the most that were asked for: the limit lies above` : 'no level was finished'
  const users = formatCount(notHeld.users)
  const limit =
    notHeld.outcome === 'broke'
      ? `${users} broke ${notHeld.why}`
      : `at ${users} our own side was strained, so that limit is ours or the target's: ${notHeld.why}`
  return `${upTo ?? 'not even the first level held'}; ${limit}`
}
