/** What this machine carries, as one line for each kind of plan. */
import {formatCount, formatRate} from '../../base/format-units.js'
import type {Check, PlanFit, Remedy} from '../../report/diagnosis-schema.js'
import type {Situation} from './situation.js'

/** Only the plan that is asked about can be a problem; the other one is for comparison. */
export function planCheck(plan: PlanFit, {bothEnds, connections}: Situation): Check {
  const asked = bothEnds === (plan.with === 'practice')
  const most = `at most ${formatCount(plan.mostConnections)} users (limited by ${plan.limitedBy})`
  const rate = `connect at ${formatRate(plan.connectRate)} or less`
  if (!asked) {
    const name = plan.with === 'practice' ? 'practice target' : 'a target elsewhere'
    return {area: 'plan', name, state: 'ok', value: most, allows: rate, remedies: []}
  }
  return {
    area: 'plan',
    name: bothEnds ? 'practice target' : 'your target',
    state: plan.fits ? 'ok' : 'problem',
    value: `${formatCount(plan.connections)} users ${fitWords(plan)}`,
    allows: `${most}, ${rate}`,
    remedies: plan.fits ? [] : remediesOf(plan, connections),
  }
}

function fitWords({fits, why = '', workers = 1, nodes}: PlanFit): string {
  if (!fits) return `do not fit: ${why}`
  const crew = `${formatCount(workers)} ${workers === 1 ? 'worker' : 'workers'}`
  return nodes === undefined ? `fit, ${crew}` : `fit, ${crew}, ${formatCount(nodes)} practice nodes`
}

function remediesOf({mostConnections}: PlanFit, connections: number): Remedy[] {
  if (mostConnections === 0 || mostConnections >= connections) return [{what: 'mend the problems above'}]
  return [
    {
      what: 'mend the problems above, or plan what fits',
      command: `proofload ws-flood --connections ${mostConnections}`,
    },
  ]
}
