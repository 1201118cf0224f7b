import {describe, expect, test} from 'vitest'
import {curveOf, heldPhases, kneeDoubts, mostHeld, type JudgedLevel, type Scale} from '../../src/lib/verdict/knee.js'

interface UserLevel extends JudgedLevel {
  readonly users: number
}

const SCALE: Scale<UserLevel> = {
  axis: {name: 'users', unit: 'count'},
  load: ({users}) => users,
  words: ({users}) => `${users} users`,
  short: ({users}) => `${users}`,
  top: 'the most that were asked for',
  metric: 'max_users',
}

function level(users: number, outcome: JudgedLevel['outcome'], why = ''): UserLevel {
  return {name: `users-${users}`, users, p99: 9, expected: 1000, lost: 10, outcome, why}
}

const HELD = level(100, 'held')
const BROKE = level(200, 'broke', 'messages_lost == 0 (10 breaks == 0)')
const STRAINED = level(200, 'strained', 'timers of our own workers ran 48 ms late')

describe('the knee of a search', () => {
  test.each([
    ['above all that was tried', [HELD, level(200, 'held')], 200, 'held, the most that were asked for'],
    ['between the last that held and the first that broke', [HELD, BROKE], 100, '200 broke messages_lost == 0'],
    ['our own or theirs', [HELD, STRAINED], 100, "so that limit is ours or the target's: timers of our own"],
    ['below the first level', [BROKE], 0, 'not even the first level held; 200 broke'],
    ['not known when nothing was finished', [], undefined, 'no level was finished'],
  ])('is %s', (_what, levels, most, words) => {
    expect(mostHeld(levels, SCALE)).toBe(most)
    expect(curveOf(levels, SCALE).knee).toContain(words)
  })

  test('is in doubt when our own side gave in first, and only then', () => {
    expect(kneeDoubts([HELD, BROKE], SCALE)).toEqual([])
    expect(kneeDoubts([HELD], SCALE)).toEqual([])
    const [doubt] = kneeDoubts([HELD, STRAINED], SCALE)
    expect(doubt).toMatchObject({name: 'own-limit', spoils: ['max_users']})
    expect(doubt?.why).toContain('at 200 users our own side was strained (timers of our own workers ran 48 ms late)')
  })

  test('is not in doubt when the target broke below the level that strained us', () => {
    expect(kneeDoubts([HELD, level(150, 'broke', 'late'), STRAINED], SCALE)).toEqual([])
  })
})

test('a curve has the p99 and the share of lost deliveries of each level', () => {
  expect(curveOf([HELD, BROKE], SCALE).points).toEqual([
    {x: 100, values: [9, 0.01], outcome: 'held'},
    {x: 200, values: [9, 0.01], outcome: 'broke', why: BROKE.why},
  ])
})

test('our own health is that of the levels that held, or of all when none did', () => {
  const phases = ['ramp', 'users-100', 'users-200'].map((name) => ({name, startMs: 0, endMs: 1}))
  const names = (levels: readonly UserLevel[]) => heldPhases(phases, levels).map(({name}) => name)
  expect(names([HELD, BROKE])).toEqual(['users-100'])
  expect(names([BROKE])).toEqual(['users-200'])
})
