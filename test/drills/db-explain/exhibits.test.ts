/** What stands under the table, and in the JSON evidence: new indexes by the names that the statements to apply give them. */
import {mkdtemp, readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {nameOf} from '../../../src/lib/drills/db-explain/advice/ddl.js'
import {evidenceOf} from '../../../src/lib/drills/db-explain/evidence.js'
import {exhibitsOf} from '../../../src/lib/drills/db-explain/exhibits.js'
import type {Findings} from '../../../src/lib/drills/db-explain/findings.js'
import {readPlan} from '../../../src/lib/drills/db-explain/plans/read-plan.js'
import {openSqlOut} from '../../../src/lib/drills/db-explain/sql-out.js'
import {candidate, choice, chosen, factsOf, look, measured, proof} from './facts.js'
import {answer, inner, outer, ran, type Raw} from './plans/raw-plans.js'

const plan = {showsLiterals: false, level: 'copy'} as const
const {design} = candidate('room_id', ['a'])
const FINAL = nameOf(design)
const OF_PART = nameOf({...design, table: 'messages_2026'})

const on = (name: string): Raw => ({'Relation Name': name, Schema: 'public', Alias: name})
const scan = (index: string, table: Raw): Raw => ran('Index Scan', 1, {'Index Name': index, ...table})
const bitmap = (index: string, table: Raw): Raw =>
  ran('Bitmap Heap Scan', 2, {...table, Plans: [outer(ran('Bitmap Index Scan', 1, {'Index Name': index}))]})

function tried(root: Raw): Findings {
  const one = chosen('room_id', ['a'])
  const built = {...one.built, name: 'proofload_trial_1', names: ['proofload_trial_1', 'messages_2026_room_id_idx']}
  return factsOf({
    looks: [{...look('a'), plans: [readPlan(answer(ran('Seq Scan', 50, on('messages'))))]}],
    proof: proof({
      choice: choice({chosen: [{...one, built}]}),
      measured: [measured('a', 0.1, {uses: ['proofload_trial_1']})],
      plansAfter: new Map([['a', readPlan(answer(root))]]),
    }),
  })
}

function shown(found: Findings) {
  const spans = exhibitsOf(plan, found).flatMap(({lines}) => lines.flat())
  return {
    text: spans.map(({text}) => text).join(' '),
    good: spans.flatMap(({text, tone}) => (tone === 'good' ? text : [])),
  }
}

describe('a smaller index that is slower', () => {
  const small = {...chosen('at', ['a']), candidate: candidate('at', ['a'], {alternative: true}), saves: 0.31}
  const found = factsOf({looks: [look('a')], proof: proof({choice: choice({alternatives: [small]})})})

  it('stands below the statements to apply, and in the evidence', () => {
    const [section] = exhibitsOf(plan, found).filter(({title}) => title === 'to apply')
    expect(section?.lines.flat().map(({text}) => text)).toEqual([
      expect.stringMatching(/^-- cheaper alternative for a: .* 8 KiB, saves 31/) as string,
    ])
    expect(evidenceOf(plan, found)).toMatchObject({alternatives: [{serves: ['a'], bytes: 8192, saves: 0.31}]})
  })

  it('is a comment in the script', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'proofload-sql-out-')), 'out.sql')
    await using script = await openSqlOut(file)
    await script?.write(found)
    expect(await readFile(file, 'utf8')).toMatch(/\n-- none\n+-- cheaper alternative for a: .*\n$/)
  })
})

describe('an index that was tried', () => {
  it('has the name that the statement to apply gives it', () => {
    const found = tried(scan('proofload_trial_1', on('messages')))
    const {text, good} = shown(found)
    expect(text).not.toContain('proofload_trial')
    expect(good).toEqual([`CREATE INDEX CONCURRENTLY ${FINAL} ON public.messages (room_id);`, FINAL])
    const evidence = JSON.stringify(evidenceOf(plan, found))
    expect(evidence).not.toContain('proofload_trial')
    expect(evidence).toContain(`"uses":["${FINAL}"]`)
  })

  it('has that of its part where a plan reads a partition, also by a bitmap', () => {
    const found = tried(
      ran('Append', 5, {
        Plans: [
          outer(bitmap('messages_2026_room_id_idx', on('messages_2026'))),
          inner(bitmap('messages_pkey', on('messages'))),
        ],
      }),
    )
    const {text, good} = shown(found)
    expect(good.slice(1)).toEqual([OF_PART])
    expect(text).toContain('messages_pkey')
  })
})
