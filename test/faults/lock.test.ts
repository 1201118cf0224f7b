import {execFileSync} from 'node:child_process'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {readdir} from 'node:fs/promises'
import {describe, expect, test} from 'vitest'
import {breakLocks, Locks} from '../../src/lib/faults/journal/lock.js'
import type {Writer} from '../../src/lib/faults/journal/records.js'
import {addressOf} from '../../src/lib/faults/journal/servers.js'
import {identityOf} from '../../src/lib/faults/node/process-identity.js'
import {agentFor, optionsFor, state, victim} from './victim.js'

const since = new Date('2026-01-02T03:04:05Z')
const SERVER = 'redis 127.0.0.1:6379'

function writer(runId: string, change: Partial<Writer> = {}): Writer {
  const identity = identityOf(process.pid) ?? ''
  return {runId, pid: process.pid, identity, host: hostname(), command: `proofload ${runId}`, target: '', ...change}
}

function locks(runId: string, change: Partial<Writer> = {}): Locks {
  return new Locks(state.directory, writer(runId, change))
}

/** The id of a process that has ended. */
function deadPid(): number {
  return Number(execFileSync('sh', ['-c', 'echo $$'], {encoding: 'utf8'}))
}

describe('the lock of a server', () => {
  test('says who holds it, since when, and how to break it', () => {
    locks('first').take(SERVER, since)
    const second = () => locks('second').take(SERVER, since)
    expect(second).toThrow(
      `${SERVER} is disturbed by another run: 'proofload first', process ${process.pid} on ${hostname()}, since 2026-01-02T03:04:05.000Z`,
    )
    expect(second).toThrow(expect.objectContaining({hint: expect.stringContaining('fault recover --force') as string}))
  })

  test('is taken once by a run that disturbs the server twice, and free when it is given back', () => {
    const first = locks('first')
    first.take(SERVER, since)
    first.take(SERVER, since)
    first[Symbol.dispose]()
    locks('second').take(SERVER, since)
  })

  test.each([
    ['a process that is gone', () => ({pid: deadPid()})],
    ['an earlier process of the same id', () => ({identity: 'another'})],
  ])('is taken over from %s', async (_who, change) => {
    locks('dead', change()).take(SERVER, since)
    const heir = locks('heir')
    heir.take(SERVER, since)
    expect(() => locks('third').take(SERVER, since)).toThrow('proofload heir')
    expect(await readdir(join(state.directory, 'locks'))).toHaveLength(1)
  })

  test('of another host is only broken by force', () => {
    locks('far', {host: 'elsewhere', pid: 1}).take(SERVER, since)
    expect(() => locks('here').take(SERVER, since)).toThrow('on elsewhere')
    expect(breakLocks(state.directory, false)).toEqual([])
    expect(breakLocks(state.directory, true)).toEqual([SERVER])
    locks('here').take(SERVER, since)
  })

  test.each([
    ['redis://localhost', '127.0.0.1:6379'],
    ['rediss://:secret@[::1]:7000/3', '127.0.0.1:7000'],
    ['postgres://app:secret@DB.staging/chat', 'db.staging:5432'],
    ['http://127.0.0.1:8474', '127.0.0.1:8474'],
  ])('knows %s as %s', (url, address) => expect(addressOf(url)).toBe(address))

  test.runIf(process.platform === 'linux')('keeps a second run off a process (told by /proc)', async () => {
    const pid = await victim()
    await agentFor(optionsFor(['node.pause(node=a) at 0s for 30s'], [{name: 'a', pid}]))
    const second = agentFor({...optionsFor(['node.kill(node=b) at 0s'], [{name: 'b', pid}]), runId: 'second'})
    await expect(second).rejects.toThrow(new RegExp(`^process ${pid} is disturbed by another run: 'proofload `))
  })
})
