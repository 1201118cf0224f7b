import {describe, expect, it} from 'vitest'
import {faultBlocks} from '../../src/lib/report/fault-block.js'
import {headline} from '../../src/lib/report/headline.js'
import {nextSteps} from '../../src/lib/report/next-steps.js'
import {noPaint} from '../../src/lib/report/paint.js'
import type {ReportFault} from '../../src/lib/report/schema.js'
import {renderTable} from '../../src/lib/report/table.js'
import {FAULT, reportWithFaults, sampleReport} from './sample.js'

const blocks = (...faults: readonly ReportFault[]): string =>
  faultBlocks(reportWithFaults(...faults), noPaint).join('\n')

describe('the block of a fault', () => {
  it('shows before, during and after side by side, and tells the rest in words', () => {
    expect(blocks(FAULT)).toMatchInlineSnapshot(`
      "Fault net.down(proxy=target) at 5s for 3s
                        before             during     after
        successes      2,000/s              6.7/s   2,000/s
        latency p99    21.4 ms                  –   21.4 ms
        availability     100 %   0.33 % to 1.67 %     100 %
        lost                 0                 12         0
        cut off              0                200         0
        recovered 1.80 s after the revert
        first error after 0 ms · 12 lost (12 in the history) · 0 duplicated
        200 cut off, 50/95/100 % back after 3.07 s, 5.47 s, never · at most 59 attempts in 100 ms, 354 in
        1 s
        dropped bytes 4096
      "
    `)
  })

  it('says why one never came', () => {
    const never = {...FAULT, outcome: 'not injected' as const, trouble: 'refused', evidence: {}}
    expect(blocks({...never, injectedAtMs: null, revertedAtMs: null, recovery: null, effect: null})).toBe(
      'Fault net.down(proxy=target) at 5s for 3s\n  not injected: refused\n',
    )
  })

  it('says why it was not seen to recover, and has no figures after it', () => {
    const unseen = {...FAULT, recovery: {state: 'unseen' as const, why: 'not seen to recover: run longer'}}
    const text = blocks({...unseen, effect: FAULT.effect && {...FAULT.effect, after: null}})
    expect(text).toContain('\n  not seen to recover: run longer\n')
    expect(text).toMatch(/latency p99 +21.4 ms +– +–/)
  })

  it('stands under the thresholds', () => {
    const text = renderTable(reportWithFaults(FAULT))
    expect(text.indexOf('Threshold')).toBeLessThan(text.indexOf('Fault net.down'))
    expect(text.indexOf('Fault net.down')).toBeLessThan(text.indexOf('Generator'))
  })
})

it('a run that was stopped says by what, and what to try', () => {
  const stopped = {condition: 'connection_errors > 10', observed: 12, unit: 'count', atMs: 5000} as const
  const report = {...sampleReport(), verdict: 'fail', exitCode: 99, stopped} as const
  expect(headline(report, noPaint)).toContain('FAIL  stopped: connection_errors > 10 came true (12 at 5 s)')
  expect(nextSteps(report)).toEqual([
    'the same choices to the end: the same flags and --seed k3x9m2, without --stop-when',
  ])
})
