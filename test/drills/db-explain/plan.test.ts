/** How far each level goes, what must hold there, and what is refused. */
import {describe, expect, it, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {dbExplain} from '../../../src/lib/drills/db-explain/index.js'
import {CHECKS, type DbExplainInput} from '../../../src/lib/drills/db-explain/input.js'
import {dbExplainMetrics} from '../../../src/lib/drills/db-explain/metrics.js'
import {parseFault} from '../../../src/lib/faults/grammar.js'
import {checkThreshold, mergeThresholds} from '../../../src/lib/verdict/threshold-check.js'
import {littleDbExplain} from './input.js'

const planned = async (changes: Partial<DbExplainInput>) => dbExplain.plan(await littleDbExplain(changes))
const TARGET = {targets: ['postgres://app@localhost/app']}

describe('the practice database', () => {
  it('is looked at with all checks, unless some are named', async () => {
    expect((await planned({checks: undefined})).checks).toEqual(CHECKS)
    expect((await planned({checks: ['pool']})).checks).toEqual(['pool'])
  })

  it('has as many rows as are asked for', async () =>
    expect((await planned({rows: 5000})).practice).toMatchObject({reach: 'database', database: {rows: 5000}}))

  it('must get as much faster as was asked for', async () => {
    const {thresholds} = await planned({goal: 0.3})
    expect(thresholds).toContain('query_speedup{query=*} >= 30%')
    expect(thresholds).toContain('workload_speedup >= 30%')
  })
})

describe('a target', () => {
  test.each([
    ['read', {lab: undefined, makesTables: undefined}],
    ['copy', {lab: true, makesTables: undefined}],
    ['trial', {lab: undefined, makesTables: true}],
  ] as const)('at the level %s is given what that needs and no more', async (level, wanted) => {
    const {lab, makesTables} = await planned({...TARGET, level, checks: undefined})
    expect({lab, makesTables}).toEqual(wanted)
  })

  test.each(['read', 'copy', 'trial'] as const)('at the level %s is checked for what was asked only', async (level) => {
    expect((await planned({...TARGET, level, checks: undefined})).checks).toEqual([])
    expect((await planned({...TARGET, level, checks: ['unused']})).checks).toEqual(['unused'])
  })

  it('that is only read is held to what a look can say, or to the gates', async () => {
    const usual = (await planned({...TARGET, level: 'read'})).thresholds
    expect(usual).toEqual(['slow_queries == 0', 'missing_indexes == 0', 'query_error_rate < 1%'])
    const own = await planned({...TARGET, level: 'read', gates: ['slow_queries < 3']})
    expect(own.thresholds).toEqual(['slow_queries < 3'])
  })

  it('at which indexes are tried is held to the gates as well', async () => {
    const {thresholds} = await planned({...TARGET, level: 'trial', gates: ['missing_indexes == 0']})
    expect(thresholds).toContain('query_speedup{query=*} >= 50%')
    expect(thresholds).toContain('missing_indexes == 0')
  })

  test.each(['pagination', 'cache', 'n-plus-one', 'pool', 'inserts'] as const)(
    'is spared the check %s, which a copy is not',
    async (name) => {
      for (const level of ['read', 'trial'] as const)
        await expect(planned({...TARGET, level, checks: [name]})).rejects.toThrow(`--check ${name}`)
      expect((await planned({...TARGET, level: 'copy', checks: [name]})).checks).toEqual([name])
    },
  )
})

describe('thresholds', () => {
  test.each(['practice', 'read', 'copy', 'trial'] as const)(
    'of the level %s speak of what is measured',
    async (level) => {
      const checks =
        level === 'practice' || level === 'copy' ? CHECKS : (['unused', 'maintenance', 'cache-hit'] as const)
      const {thresholds, phases} = await planned({level, checks})
      for (const threshold of mergeThresholds([...thresholds], []))
        expect(() => checkThreshold(threshold, dbExplainMetrics, phases)).not.toThrow()
    },
  )
})

describe('what makes no sense is refused', () => {
  test.each<[string, Partial<DbExplainInput>]>([
    ['--goal 0%', {goal: 0}],
    ['--goal 100%', {goal: 1}],
    ['--sample', {sample: 0}],
    ['--sample', {sample: 1.5}],
    ['one --target', {targets: ['postgres://a/a', 'postgres://b/b']}],
    ['--fault', {faults: {specs: [parseFault('postgres.kill at 1s')], allowSticky: false}}],
  ])('%s', async (words, changes) => {
    const refused = planned(changes)
    await expect(refused).rejects.toBeInstanceOf(UsageError)
    await expect(refused).rejects.toThrow(words)
  })
})
