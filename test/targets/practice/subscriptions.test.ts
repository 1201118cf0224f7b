import {describe, expect, it} from 'vitest'
import {Subscriptions} from '../../../src/lib/targets/practice/subscriptions.js'
import {MemoryBus} from './memory-parts.js'

const nothing = () => undefined

function start() {
  const bus = new MemoryBus({message: nothing, lost: nothing, restored: nothing, muted: nothing, sendable: nothing})
  return {bus, subscriptions: new Subscriptions(bus)}
}

describe('subscriptions', () => {
  it('ask for all rooms of one turn with one SUBSCRIBE', async () => {
    const {bus, subscriptions} = start()
    await Promise.all(['a', 'b', 'c'].map((room) => subscriptions.want(room)))
    await subscriptions.want('d')
    expect(bus.calls).toEqual(['subscribe room:a room:b room:c', 'subscribe room:d'])
  })

  it('come back after the link was lost, without the rooms that were given up', async () => {
    const {bus, subscriptions} = start()
    await Promise.all(['a', 'b'].map((room) => subscriptions.want(room)))
    await subscriptions.drop(['a'])
    bus.channels.clear()
    await subscriptions.restore()
    expect([...bus.channels]).toEqual(['room:b'])
  })

  it('do not keep a room that Redis did not confirm', async () => {
    const {bus, subscriptions} = start()
    bus.failure = new Error('gone')
    await expect(subscriptions.want('a')).rejects.toThrow('gone')
    bus.failure = undefined
    await subscriptions.restore()
    expect(bus.calls).toEqual([])
  })

  it('of a deaf node are not made, though every room is answered for, and are made when it hears again', async () => {
    const {bus, subscriptions} = start()
    await subscriptions.want('before')
    await subscriptions.setDeaf(true)
    await subscriptions.want('during')
    expect([...bus.channels]).toEqual([])
    await subscriptions.setDeaf(false)
    expect([...bus.channels]).toEqual(['room:before', 'room:during'])
  })
})
