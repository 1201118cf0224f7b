/** What a search amounts to: the most that was held, the curve, and whose limit it was; pure. */
import type {Curve, CurveAxis} from '../metrics/curve.js'
import type {Phase} from '../metrics/metric.js'
import type {Doubt} from './finding.js'
import type {LevelJudgement} from './level.js'

/** One level, judged, with the figures that the curve shows. */
export interface JudgedLevel extends LevelJudgement {
  /** Name of its phase. */
  readonly name: string
  readonly p99: number | null
  readonly expected: number
  readonly lost: number
}

/** What was raised from level to level, and how it is said. */
export interface Scale<Level extends JudgedLevel> {
  readonly axis: CurveAxis
  readonly load: (level: Level) => number
  /** `12,500 users`. */
  readonly words: (level: Level) => string
  /** The same where the unit is clear: `12,500`. */
  readonly short: (level: Level) => string
  /** All that there is to hold: `the most that were asked for`. */
  readonly top: string
  /** The metric that tells the most that was held. */
  readonly metric: string
}

interface Knee<Level> {
  readonly held: Level | undefined
  readonly notHeld: Level | undefined
}

/** The highest level that held, and the lowest that did not. */
function kneeOf<Level extends JudgedLevel>(levels: readonly Level[], {load}: Scale<Level>): Knee<Level> {
  const ascending = levels.toSorted((one, other) => load(one) - load(other))
  return {
    held: ascending.findLast(({outcome}) => outcome === 'held'),
    notHeld: ascending.find(({outcome}) => outcome !== 'held'),
  }
}

/** 0 when not even the first level held; undefined when no level was finished. */
export function mostHeld<Level extends JudgedLevel>(levels: readonly Level[], scale: Scale<Level>): number | undefined {
  if (levels.length === 0) return undefined
  const {held} = kneeOf(levels, scale)
  return held ? scale.load(held) : 0
}

/** The phases in which our own side must have been well for the search to count: of the levels that held, or of all when none did. */
export function heldPhases(
  phases: readonly Phase[],
  levels: readonly Pick<JudgedLevel, 'name' | 'outcome'>[],
): Phase[] {
  const held = levels.filter(({outcome}) => outcome === 'held')
  const names = new Set((held.length > 0 ? held : levels).map(({name}) => name))
  return phases.filter(({name}) => names.has(name))
}

/** Where our own side gave in first, the target's limit was not found. */
export function kneeDoubts<Level extends JudgedLevel>(levels: readonly Level[], scale: Scale<Level>): Doubt[] {
  const {notHeld} = kneeOf(levels, scale)
  if (notHeld?.outcome !== 'strained') return []
  return [
    {
      name: 'own-limit',
      why: `at ${scale.words(notHeld)} our own side was strained (${notHeld.why}), so that it is not known whether that limit is ours or the target's`,
      advice: 'move the generator to a machine of its own, or add workers with --workers while there are free cores',
      spoils: [scale.metric],
    },
  ]
}

/** The p99 and the share of lost deliveries of each level. */
export function curveOf<Level extends JudgedLevel>(levels: readonly Level[], scale: Scale<Level>): Curve {
  return {
    x: scale.axis,
    columns: [
      {name: 'p99(delivery_latency)', unit: 'ms'},
      {name: 'lost', unit: 'share'},
    ],
    points: levels.map((level) => ({
      x: scale.load(level),
      values: [level.p99, level.expected === 0 ? null : level.lost / level.expected],
      outcome: level.outcome,
      ...(level.why === '' ? {} : {why: level.why}),
    })),
    knee: sentence(kneeOf(levels, scale), scale),
  }
}

function sentence<Level extends JudgedLevel>({held, notHeld}: Knee<Level>, {words, short, top}: Scale<Level>): string {
  const upTo = held && `${words(held)} held`
  if (!notHeld) return upTo ? `${upTo}, ${top}: the limit lies above` : 'no level was finished'
  const limit =
    notHeld.outcome === 'broke'
      ? `${short(notHeld)} broke ${notHeld.why}`
      : `at ${short(notHeld)} our own side was strained, so that limit is ours or the target's: ${notHeld.why}`
  return `${upTo ?? 'not even the first level held'}; ${limit}`
}
