// What advice costs: the time that it takes to look at queries, to try indexes and to measure them, next to the plain executions without
// which nothing can be measured. The embedded database with a million messages.
import {report} from './cli.js'
import {judged, table} from './print.js'

const AIM = 1.5

export async function benchDbExplain() {
  const {phases, facts} = await report('db-explain', '--check', 'unused')
  const advised = new Set(facts.queries.filter(({slow}) => slow).map(({name}) => name))
  const rows = facts.measured.map(({query, runs, ranMs, spentMs}) => {
    const overhead = spentMs / ranMs
    const verdict = advised.has(query)
      ? judged(overhead <= AIM, ratio(overhead))
      : `${ratio(overhead)}, not slow: no advice`
    return [query, `${seconds(spentMs)} for ${runs} runs of ${seconds(ranMs)}`, verdict]
  })
  const [ran, measuring] = [sum(facts.measured, 'ranMs'), sum(facts.measured, 'spentMs')]
  const looked = facts.queries.reduce((total, {lookedMs}) => total + lookedMs, 0)
  const advice = lengthOf(phases, 'advice')
  const all = (advice + measuring) / (ran + looked)
  const writes = lengthOf(phases, 'measurement') - measuring
  table(`Advice of db-explain: overhead, at most ${AIM}`, [
    ...rows,
    [
      'all queries',
      `${seconds(measuring)} for ${seconds(ran)}`,
      judged(measuring / ran <= AIM, ratio(measuring / ran)),
    ],
    [
      'with looks and builds',
      `${seconds(advice + measuring)} for ${seconds(ran + looked)}`,
      judged(all <= AIM, ratio(all)),
    ],
    ['charging writes', seconds(writes), 'not counted: it is not about a query'],
  ])
}

function lengthOf(phases, name) {
  const found = phases.find((phase) => phase.name === name)
  return found.endMs - found.startMs
}

function sum(measured, what) {
  return measured.reduce((total, one) => total + one[what], 0)
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`
const ratio = (value) => `${value.toFixed(2)}×`
