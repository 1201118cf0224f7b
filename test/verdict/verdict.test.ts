import {describe, expect, it} from 'vitest'
import type {Finding, Verdict} from '../../src/lib/verdict/finding.js'
import {exitCodeOf, verdictOf} from '../../src/lib/verdict/verdict.js'

function finding(verdict: Verdict, warn = false): Finding {
  return {
    threshold: 'm == 0',
    metric: 'm',
    tags: {},
    phase: undefined,
    observed: 0,
    unit: 'count',
    bound: 0,
    samples: undefined,
    exposure: undefined,
    exposedTo: undefined,
    interval: undefined,
    margin: 0,
    verdict,
    warn,
    why: undefined,
  }
}

const [pass, fail, inconclusive] = [finding('pass'), finding('fail'), finding('inconclusive')]

describe('the verdict of a run', () => {
  it.each([
    ['pass when all pass', [pass, pass], 'pass'],
    ['inconclusive when one is', [pass, inconclusive, pass], 'inconclusive'],
    ['fail when one fails, whatever the others are', [inconclusive, fail, pass], 'fail'],
    ['inconclusive when nothing was asked', [], 'inconclusive'],
    ['not changed by a warning', [pass, finding('fail', true), finding('inconclusive', true)], 'pass'],
    ['pass when all that was asked are warnings', [finding('fail', true)], 'pass'],
  ] as const)('is %s', (_case, findings, verdict) => {
    expect(verdictOf(findings)).toBe(verdict)
  })
})

it.each([
  ['pass', 'fail', 0],
  ['fail', 'fail', 99],
  ['fail', 'pass', 99],
  ['inconclusive', 'fail', 98],
  ['inconclusive', 'pass', 0],
] as const)('a run that is %s, with --on-inconclusive %s, exits with %d', (verdict, onInconclusive, code) => {
  expect(exitCodeOf(verdict, {onInconclusive})).toBe(code)
})
