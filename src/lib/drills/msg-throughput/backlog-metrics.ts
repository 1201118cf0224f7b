/** How much was under way, and whether it grew; pure. */
import type {GaugeSlice, MetricSet, Phase} from '../../metrics/metric.js'
import {theilSen} from '../../verdict/theil-sen.js'
import type {MsgThroughputFacts} from './facts.js'
import {msgThroughputMetrics} from './metrics.js'

/** Fewer seconds have no slope that could be told from noise. */
const FEWEST_SECONDS = 5

type Facts = Pick<MsgThroughputFacts, 'series' | 'phases'>

export function backlogMetrics({series, phases}: Facts): MetricSet {
  const column = series['backlog']
  const values = column?.type === 'gauge' ? column.value : []
  const names = [...new Set(phases.map(({name}) => name))].filter((name) => name !== 'drain')
  const each = names.map((name) => ({phase: name, seconds: secondsIn(name, phases, values)}))
  return {
    backlog: {
      type: 'gauge',
      definition: msgThroughputMetrics.backlog,
      slices: each.flatMap(({phase, seconds}) =>
        seconds.length === 0 ? [] : [{phase, tags: {}, value: Math.max(...seconds.map(({backlog}) => backlog))}],
      ),
    },
    backlog_slope: {
      type: 'gauge',
      definition: msgThroughputMetrics.backlog_slope,
      slices: each.flatMap(({phase, seconds}) => slopeOf(phase, seconds)),
      missing: each
        .filter(({seconds}) => seconds.length < FEWEST_SECONDS)
        .map(({phase}) => ({
          phase,
          tags: {},
          why: `it takes ${FEWEST_SECONDS} seconds of a steady rate to tell a slope from noise: hold it longer`,
        })),
    },
  }
}

interface Second {
  readonly second: number
  /** At its end. */
  readonly backlog: number
}

/** The whole seconds of a phase. */
function secondsIn(name: string, phases: readonly Phase[], values: readonly (number | null)[]): Second[] {
  const spans = phases.filter((phase) => phase.name === name)
  return values.flatMap((backlog, second) => {
    const whole = spans.some(({startMs, endMs}) => startMs <= second * 1000 && (second + 1) * 1000 <= endMs)
    return whole && backlog !== null ? [{second, backlog}] : []
  })
}

function slopeOf(phase: string, seconds: readonly Second[]): GaugeSlice[] {
  if (seconds.length < FEWEST_SECONDS) return []
  const slope = theilSen(
    seconds.map(({second}) => second),
    seconds.map(({backlog}) => backlog),
  )
  if (slope === undefined) return []
  const {slope: value, interval} = slope
  return [{phase, tags: {}, value, ...(interval && {interval})}]
}
