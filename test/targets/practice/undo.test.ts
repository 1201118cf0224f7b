import {describe, expect, it} from 'vitest'
import {Undo} from '../../../src/lib/targets/practice/undo.js'

describe('undoing', () => {
  function thing(name: string, log: string[], failure?: string): AsyncDisposable {
    return {
      [Symbol.asyncDispose]: () => {
        log.push(name)
        return failure === undefined ? Promise.resolve() : Promise.reject(new Error(failure))
      },
    }
  }

  it('closes in reverse', async () => {
    const [log, undo] = [[] as string[], new Undo()]
    await undo.use(Promise.resolve(thing('first', log)))
    await undo.use(Promise.resolve(thing('second', log)))
    await undo[Symbol.asyncDispose]()
    await undo[Symbol.asyncDispose]()
    expect(log).toEqual(['second', 'first'])
  })

  it('closes what opened although its neighbour failed', async () => {
    const [log, undo] = [[] as string[], new Undo()]
    const slow = new Promise<AsyncDisposable>((resolve) => setImmediate(() => resolve(thing('slow', log))))
    await expect(undo.useAll([Promise.reject(new Error('no')), slow])).rejects.toThrow('no')
    await undo[Symbol.asyncDispose]()
    expect(log).toEqual(['slow'])
  })

  it('tries everything, and gathers what failed', async () => {
    const [log, undo] = [[] as string[], new Undo()]
    await undo.useAll([Promise.resolve(thing('a', log, 'a stuck')), Promise.resolve(thing('b', log, 'b stuck'))])
    const failure = await undo[Symbol.asyncDispose]().catch((error: unknown) => error)
    expect(log).toEqual(['b', 'a'])
    expect((failure as AggregateError).errors.map(String)).toEqual(['Error: b stuck', 'Error: a stuck'])
  })
})
