// Whether a run that should pass does so again and again: `npm run truth [-- PART …]`. Counts are kept beside this file, with the date and the
// machine, and go on where they were left as long as the sources are the same.
import {readFile, writeFile} from 'node:fs/promises'
import {availableParallelism, cpus, totalmem} from 'node:os'
import {execa} from 'execa'
import {report} from './cli.js'
import {judged, table} from './print.js'

const COUNTS = new URL('./truth.json', import.meta.url)

const PARTS = {
  'db-explain': {runs: 5, args: ['db-explain']},
  'msg-throughput': {runs: 5, args: ['msg-throughput']},
  'ws-flood': {runs: 5, args: ['ws-flood']},
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in PARTS))
if (unknown.length > 0)
  throw new Error(`no part is called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)

const counts = JSON.parse(await readFile(COUNTS, 'utf8').catch(() => '{}'))
const sources = await sourcesNow()
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  const {runs, args} = PARTS[name]
  if (counts[name]?.sources !== sources) counts[name] = {sources, machine: machineNow(), runs: []}
  while (counts[name].runs.length < runs) {
    counts[name].runs.push(summaryOf(await report(...args)))
    await writeFile(COUNTS, `${JSON.stringify(counts, undefined, 2)}\n`)
  }
  tell(name, counts[name].runs)
}

/** The tree of the sources that were built; what is not committed cannot be named. */
async function sourcesNow() {
  const {stdout: changed} = await execa('git', ['status', '--porcelain', '--', 'src', 'fixtures'])
  if (changed !== '') throw new Error(`commit first, or nobody can tell what was tried:\n${changed}`)
  const {stdout} = await execa('git', ['rev-parse', 'HEAD:src'])
  return stdout
}

function machineNow() {
  const memory = Math.round(totalmem() / 1024 ** 3)
  return `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, ${memory} GiB, ${process.platform}, node ${process.version}`
}

function summaryOf({startedAt, durationMs, verdict, findings, doubts}) {
  const others = findings.filter((finding) => finding.verdict !== 'pass')
  return {
    startedAt,
    seconds: Math.round(durationMs / 1000),
    verdict,
    // A warning does not decide.
    notPassed: others.map(({threshold, verdict: found}) => `${threshold}: ${found}`),
    doubts: doubts.map(({name}) => name),
  }
}

function tell(name, runs) {
  const verdicts = [...new Set(runs.map(({verdict}) => verdict))]
  const told = verdicts.map((one) => `${one} ${runs.filter(({verdict}) => verdict === one).length} of ${runs.length}`)
  const times = runs.map(({seconds}) => seconds)
  const all = runs.every(({verdict}) => verdict === 'pass')
  table(`truth: ${name}`, [
    ['verdict', told.join(', '), judged(all, 'each time')],
    ['seconds', `${Math.min(...times)}-${Math.max(...times)}`, ''],
  ])
}
