import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {LeapingClock} from '../../src/lib/base/clock.js'
import {startProgress} from '../../src/lib/report/progress.js'
import {type Terminal, wantsColour} from '../../src/lib/report/terminal.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function fakeTerminal(): Terminal & {readonly lines: string[]} {
  const lines: string[] = []
  return {
    out: () => expect.unreachable('progress is not the result'),
    err: (text) => void lines.push(text),
    colour: {out: false, err: false},
    live: false,
    lines,
  }
}

test('elsewhere than on a terminal the first note is shown at once, then the newest every five seconds, and silence adds nothing', async () => {
  const terminal = fakeTerminal()
  const progress = await startProgress({terminal, clock: new LeapingClock(), quiet: false})
  progress.note({phase: 'ramp', text: '10 of 100 connected', done: 0.1})
  progress.note({phase: 'ramp', text: '20 of 100 connected', done: 0.2})
  progress.note({phase: 'ramp', text: '30 of 100 connected', done: 0.3})
  expect(terminal.lines).toEqual(['ramp 10 % · 10 of 100 connected\n'])
  vi.advanceTimersByTime(5000)
  expect(terminal.lines.at(-1)).toBe('ramp 30 % · 30 of 100 connected\n')
  vi.advanceTimersByTime(20_000)
  progress.note({phase: 'steady', text: 'too late'})
  progress.end()
  vi.advanceTimersByTime(20_000)
  expect(terminal.lines).toHaveLength(2)
})

test('quiet silences notes, but not what matters', async () => {
  const terminal = fakeTerminal()
  const progress = await startProgress({terminal, clock: new LeapingClock(), quiet: true})
  progress.note({phase: 'ramp', text: 'x'})
  progress.say('the practice target ended by itself')
  progress.end()
  expect(terminal.lines).toEqual(['the practice target ended by itself\n'])
})

test('secrets never reach the terminal', async () => {
  const terminal = fakeTerminal()
  const progress = await startProgress({terminal, clock: new LeapingClock(), quiet: false})
  progress.note({phase: 'preflight', text: 'asking redis://user:hunter2@localhost'})
  progress.say('wss://chat.example/?token=hunter2')
  progress.end()
  expect(terminal.lines.join('')).not.toContain('hunter2')
})

test.each([
  ['a terminal', {}, true, true],
  ['no terminal', {}, false, false],
  ['NO_COLOR on a terminal', {NO_COLOR: '1'}, true, false],
  ['an empty NO_COLOR', {NO_COLOR: ''}, true, true],
  ['FORCE_COLOR without a terminal', {FORCE_COLOR: '1'}, false, true],
  ['NO_COLOR beside FORCE_COLOR', {NO_COLOR: '1', FORCE_COLOR: '1'}, true, false],
  ['a dumb terminal', {TERM: 'dumb'}, true, false],
])('colours: %s', (_case, environment, isTerminal, expected) => {
  expect(wantsColour(environment, isTerminal)).toBe(expected)
})
