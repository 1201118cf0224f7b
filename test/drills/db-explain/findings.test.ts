/** What is advised, what was turned down, and why no index helps. */
import {describe, expect, it} from 'vitest'
import {
  advised,
  alternatives,
  alternativeText,
  ddlToApply,
  rejected,
  unindexable,
  type Findings,
} from '../../../src/lib/drills/db-explain/findings.js'
import * as made from './facts.js'

const {advice, candidate, choice, chosen, factsOf, look, proof} = made
const findings = (changes: Partial<Findings>): Findings => factsOf(changes)
const columns = (found: Findings) => advised(found).map(({design}) => design.keys[0])

describe('where nothing could be tried', () => {
  const found = findings({
    looks: [look('a'), look('b'), look('c')],
    advice: [
      advice('a', {candidates: [candidate('x', ['a']), candidate('y', ['a'])]}),
      advice('b', {candidates: [candidate('x', ['b'])]}),
      advice('c', {candidates: [candidate('z', ['c'], {alternative: true})], why: ['it reads most of the table']}),
    ],
  })

  it('the first candidate of each query is advised, once for all that it serves', () => {
    expect(columns(found)).toEqual([{column: 'x'}])
    expect(advised(found)[0]?.serves).toEqual(['a', 'b'])
  })

  it('a query that has but an alternative is one that no index helps', () =>
    expect(unindexable(found)).toEqual([{query: 'c', known: true, why: 'it reads most of the table'}]))

  it('a smaller index that is slower is told, and that nobody tried it', () =>
    expect(alternatives(found).map(alternativeText)).toEqual([
      expect.stringMatching(/^cheaper alternative for c: CREATE INDEX .*\(z\); not tried$/) as string,
    ]))

  it('an index is to be made without locking the table', () =>
    expect(ddlToApply(found).map(({ddl}) => ddl)).toEqual([
      expect.stringMatching(/^CREATE INDEX CONCURRENTLY .*"?messages"? .*\("?x"?\)$/) as string,
    ]))
})

describe('where candidates were tried', () => {
  const all = {
    looks: [look('a'), look('b')],
    advice: [
      advice('a', {candidates: [candidate('x', ['a'])], rejected: [made.rejected('w', ['a'], 'w_idx covers it')]}),
      advice('b', {candidates: [candidate('y', ['b'])]}),
    ],
  }
  const taken = choice({
    chosen: [chosen('x', ['a'])],
    notTried: [{design: candidate('y', ['b']).design, serves: ['b'], reason: 'not imagined'}],
  })

  it('what was chosen is advised, and nothing else', () =>
    expect(columns(findings({...all, proof: proof({choice: taken})}))).toEqual([{column: 'x'}]))

  it('what could not even be imagined is advised unseen', () => {
    const found = findings({...all, proof: proof({kind: 'hypothetical', choice: taken})})
    expect(columns(found)).toEqual([{column: 'x'}, {column: 'y'}])
    expect(unindexable(found)).toEqual([])
  })

  it('but not for a query that something else serves', () => {
    const both = choice({...taken, chosen: [chosen('x', ['a', 'b'])]})
    const found = findings({...all, proof: proof({kind: 'hypothetical', choice: both})})
    expect(columns(found)).toEqual([{column: 'x'}])
  })

  it('everything that was not taken is told with its reason', () => {
    const turnedDown = choice({...taken, rejected: [made.rejected('v', ['a'], 'no plan uses it')]})
    const found = rejected(findings({...all, proof: proof({choice: turnedDown})}))
    expect(found.map(({reason}) => reason)).toEqual(['w_idx covers it', 'no plan uses it', 'not imagined'])
  })

  it('a smaller index that is slower is told with what it takes and saves', () => {
    const brin = {design: {...candidate('at', ['a']).design, method: 'brin'} as const}
    const small = {...chosen('at', ['a']), candidate: candidate('at', ['a'], {...brin, alternative: true}), saves: 0.31}
    const found = findings({...all, proof: proof({choice: choice({...taken, alternatives: [small]})})})
    const [told, ...more] = alternatives(found)
    expect(more).toEqual([])
    expect(told && alternativeText(told)).toMatch(
      /^cheaper alternative for a: CREATE INDEX CONCURRENTLY messages_at_\w+_idx ON public\.messages USING brin \(at\); 8 KiB, saves 31(\.00)? % of the workload/,
    )
    expect(
      ddlToApply(found)
        .map(({ddl}) => ddl)
        .join(),
    ).not.toContain('brin')
  })

  it('an extension that an index needs is made before it', () => {
    const one = chosen('x', ['a'])
    const needing = {...one, candidate: {...one.candidate, needs: ['pg_trgm']}}
    const [first, second] = ddlToApply(findings({...all, proof: proof({choice: choice({chosen: [needing]})})}))
    expect(first?.ddl).toBe('CREATE EXTENSION IF NOT EXISTS pg_trgm')
    expect(second?.ddl).toContain('CREATE INDEX')
  })
})
