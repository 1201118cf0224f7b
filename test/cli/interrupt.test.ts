import {EventEmitter} from 'node:events'
import {readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {Belongings} from '../../src/lib/cli/belongings.js'
import {listenForSignals} from '../../src/lib/cli/interrupt.js'
import {type Drive, runFake, TARGET} from './fake-drill.js'

function listening(untidied: readonly string[] = []) {
  const source = new EventEmitter()
  const said: string[] = []
  const left: number[] = []
  const interrupts = listenForSignals({
    meaning: 'stopping',
    say: (text) => void said.push(text),
    untidied: () => untidied,
    source,
    leave: (code) => void left.push(code),
  })
  return {source, said, left, interrupts}
}

test('the first signal stops the work, the second leaves at once and names what may be left behind', () => {
  const {source, said, left, interrupts} = listening(['output files', 'the practice target'])
  source.emit('SIGINT')
  expect(interrupts.signal.aborted).toBe(true)
  expect(interrupts.by).toBe('SIGINT')
  expect(left).toEqual([])
  source.emit('SIGINT')
  expect(left).toEqual([130])
  expect(said).toEqual([
    'SIGINT: stopping; once more leaves at once',
    'left at once; may not be tidied up: output files, the practice target',
  ])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
])('%s twice leaves with %i', (signal, code) => {
  const {source, left, said} = listening()
  source.emit(signal)
  source.emit(signal)
  expect(left).toEqual([code])
  expect(said.at(-1)).toBe('left at once')
})

test('nothing listens any more once it is disposed of', () => {
  const {source, interrupts} = listening()
  interrupts[Symbol.dispose]()
  expect(source.eventNames()).toEqual([])
})

/** Behaves as a drill that was told to stop: it ends and brings home what it has. */
const interrupted =
  (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): Drive =>
  (kit) =>
    new Promise((resolve) => {
      kit.signal.addEventListener('abort', () => resolve())
      process.emit(signal)
    })

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('a run that %s ends is judged and reported all the same, and exits with %i', async (signal, exitCode) => {
  const file = join(tmpdir(), `proofload-interrupted-${process.pid}-${signal}.json`)
  const ran = await runFake([...TARGET, '--lost', '1', '--out', `json=${file}`], interrupted(signal))
  expect(ran.exitCode).toBe(exitCode)
  expect(ran.stdout).toContain(`interrupted by ${signal}`)
  expect(ran.stderr).toContain(`${signal}: stopping the load and judging what was measured`)
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({interruptedBy: signal, verdict: 'fail', exitCode})
  await rm(file)
  const json = await runFake([...TARGET, '--json'], interrupted(signal))
  expect(json.exitCode).toBe(exitCode)
  expect(JSON.parse(json.stdout)).toMatchObject({interruptedBy: signal, exitCode})
})

test('a drill that was stopped before it measured anything exits with the code of the signal', async () => {
  const nothing: Drive = (kit) => {
    process.emit('SIGTERM')
    return Promise.reject(kit.signal.reason as Error)
  }
  const ran = await runFake(TARGET, nothing)
  expect(ran).toMatchObject({exitCode: 143, stdout: ''})
  expect(ran.stderr).toContain('error: ended by SIGTERM before anything was measured\n')
})

test('a belonging that leaves nothing behind right now is not named', () => {
  const belongings = new Belongings()
  let active = 'the fault redis.disconnect at 5s for 3s'
  belongings.keep('first', {[Symbol.asyncDispose]: () => Promise.resolve()})
  belongings.keep(() => active, {[Symbol.asyncDispose]: () => Promise.resolve()})
  expect(belongings.names).toEqual(['first', active])
  active = ''
  expect(belongings.names).toEqual(['first'])
})

test('belongings are given back last-first, whatever fails meanwhile', async () => {
  const order: string[] = []
  const belongings = new Belongings()
  const thing = (name: string, fails = false) => ({
    [Symbol.asyncDispose]: () => {
      order.push(name)
      return fails ? Promise.reject(new Error('it is stuck')) : Promise.resolve()
    },
  })
  belongings.keep('first', thing('first'))
  belongings.keep('second', thing('second', true))
  belongings.keep('third', thing('third'))
  expect(belongings.names).toEqual(['first', 'second', 'third'])
  expect(await belongings.release()).toEqual(['second could not be tidied up: it is stuck'])
  expect(order).toEqual(['third', 'second', 'first'])
  expect(belongings.names).toEqual([])
})
