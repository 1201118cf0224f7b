/** What the checks of ws-flood plan, what they refuse to plan, and which refusals of a room count as polite. */
import {describe, expect, it} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {isGraceful} from '../../../src/lib/drills/ws-flood/graceful.js'
import {wsFlood} from '../../../src/lib/drills/ws-flood/index.js'
import type {WsFloodInput} from '../../../src/lib/drills/ws-flood/input.js'
import {rosterOfUser, rostersOf, usersOf} from '../../../src/lib/chat/people.js'
import {guestRosters, populationsOf} from '../../../src/lib/drills/ws-flood/populations.js'
import {smallFlood} from './fixture.js'

async function planOf(changes: Partial<WsFloodInput>) {
  return wsFlood.plan(await smallFlood(changes))
}

const small = (await smallFlood()).machine

describe('a check that cannot be done is refused:', () => {
  it.each<[string, Partial<WsFloodInput>, string]>([
    ['a cap of one', {checkRoomCap: 1}, 'in a room of one nobody could talk'],
    ['a cap below the room size', {checkRoomCap: 5}, '--check-room-cap 5 is less than --room-size 6'],
    ['a cap that one worker cannot hold', {checkRoomCap: 20_000}, 'do not fit into one worker'],
    ['an idle time too short to tell', {checkIdleMs: 999}, '--check-idle 999ms'],
    ['a search beside it', {checkRoomCap: 30, findMax: true}, 'leave out --check-room-cap'],
    [
      'more workers than the machine can give descriptors',
      {checkRoomCap: 300, connections: 600, workers: 2, machine: {...small, descriptorsPerProcess: 900}},
      '--workers 2 cannot hold 600 connections',
    ],
  ])('%s', async (_, changes, message) => {
    await expect(planOf(changes)).rejects.toThrow(UsageError)
    await expect(planOf(changes)).rejects.toThrow(message)
  })
})

describe('the plan of a flood', () => {
  it('without checks has no users beside the ordinary ones, and no thresholds of checks', async () => {
    const plan = await planOf({})
    expect(usersOf(populationsOf(plan))).toBe(60)
    expect(plan.thresholds.filter((text) => /room_|idle_|active_/.test(text))).toEqual([])
    expect(plan.practice).toEqual({nodes: 2, roomCap: 1000})
  })

  it('with a room larger than usual tells the practice target to have room for it', async () => {
    expect((await planOf({connections: 1500, roomSize: 1500, workers: 1})).practice.roomCap).toBe(1500)
  })

  it('with checks counts their users, and tells the practice target what they expect', async () => {
    const [without, plan] = [await planOf({}), await planOf({checkRoomCap: 30, checkIdleMs: 5000})]
    const guests = usersOf(populationsOf(plan)) - 60
    expect(guests).toBe(50 + 100 + 100 + 120)
    expect(plan.needs.sockets).toBe(without.needs.sockets + guests)
    expect(plan.needs.descriptorsPerWorker).toBe(without.needs.descriptorsPerWorker + guests)
    expect(plan.needs.memoryBytes).toBeGreaterThan(without.needs.memoryBytes)
    expect(plan.practice).toEqual({nodes: 2, roomCap: 30, idleMs: 5000})
    expect(plan.durationMs).toBeGreaterThan(5500)
    expect(plan.thresholds).toContain('max(idle_close_error) < 500ms')
  })
})

describe('the rosters of one run', () => {
  it('number users and rooms without gaps, and never the same twice', async () => {
    const plan = await planOf({checkRoomCap: 30, checkIdleMs: 5000})
    const rosters = rostersOf(populationsOf(plan))
    let [user, room] = [plan.roster.users, plan.roster.rooms]
    for (const roster of guestRosters(plan)) {
      expect([roster.firstUser, roster.firstRoom]).toEqual([user, room])
      expect(rosterOfUser(rosters, roster.firstUser)).toBe(roster)
      expect(rosterOfUser(rosters, roster.firstUser + roster.users - 1)).toBe(roster)
      user += roster.users
      room += roster.rooms
    }
    expect(rosterOfUser(rosters, 0)).toBe(plan.roster)
  })
})

describe('a newcomer that is turned away', () => {
  it.each([
    ['by a frame that says so', {reason: 'join-refused', code: 1006, refused: true}, 'politely'],
    ['by 503 at the handshake', {reason: 'status-503', code: 1006, refused: false}, 'politely'],
    ['by 429 at the handshake', {reason: 'status-429', code: 1006, refused: false}, 'politely'],
    ['by close code 1008', {reason: 'code-1008', code: 1008, refused: false}, 'politely'],
    ['by close code 1013', {reason: 'code-1013', code: 1013, refused: false}, 'politely'],
    ['by a private close code', {reason: 'code-4003', code: 4003, refused: false}, 'politely'],
    ['by a socket that just ends', {reason: 'code-1006', code: 1006, refused: false}, 'rudely'],
    ['by an internal error', {reason: 'code-1011', code: 1011, refused: false}, 'rudely'],
    ['by 500 at the handshake', {reason: 'status-500', code: 1006, refused: false}, 'rudely'],
    ['by no answer at all', {reason: 'timeout', code: 1006, refused: true}, 'rudely'],
    ['by a reset', {reason: 'ECONNRESET', code: 1006, refused: false}, 'rudely'],
  ])('%s', (_, ending, manner) => {
    expect(isGraceful(ending)).toBe(manner === 'politely')
  })
})
