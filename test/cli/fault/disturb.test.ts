import {expect, test} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {UsageError} from '../../../src/lib/base/errors.js'
import {Belongings} from '../../../src/lib/cli/belongings.js'
import {disturb} from '../../../src/lib/cli/fault/disturb.js'
import {everywhereFlags} from '../../../src/lib/cli/flags/common.js'
import {disturbFlags} from '../../../src/lib/cli/flags/fault.js'
import {listenForSignals} from '../../../src/lib/cli/interrupt.js'
import {resolveFlags} from '../../../src/lib/cli/resolve-flags.js'

/** Runs `proofload fault NAME` up to where it would start its agent. */
async function run(name: string | undefined, typed: Readonly<Record<string, string | readonly string[] | boolean>>) {
  const flags = resolveFlags({...disturbFlags, ...everywhereFlags}, {typed, environment: {}, settings: new Map()})
  const say = () => undefined
  using interrupts = listenForSignals({meaning: '', say, untidied: () => []})
  const progress = {note: say, say, end: say}
  const ground = {clock: new LeapingClock(), progress, belongings: new Belongings(), interrupts, environment: {}}
  return await disturb(name, flags, ground)
}

const HERE = {target: 'redis://127.0.0.1:1', 'allow-host': ['127.0.0.1']}

test.each([
  ['nothing', undefined, {}, 'which fault?'],
  ['a misspelt fault', 'redis.disconect', {}, "there is no fault 'redis.disconect', did you mean 'redis.disconnect'?"],
  ['no target', 'redis.kill', {}, 'redis.kill needs --target redis://host:6379, or a --profile'],
  ['another kind of target', 'redis.kill', {target: 'http://h'}, 'redis.kill needs a URL such as redis://host:6379'],
  ['a target for a process', 'node.kill', {target: 'http://h'}, '--target: nodes are described by a profile'],
  ['a process that nobody described', 'node.kill', {}, "node.kill needs --profile FILE, whose 'nodes:'"],
  ['a proxy that nobody described', 'net.down', {}, 'net.down needs --target http://host:8474, the API of the proxy'],
  ['a password for a proxy', 'net.down', {target: 'http://a:b@h:1'}, 'takes no name and no password'],
  ['a parameter without a value', 'redis.kill', {param: ['type']}, '--param: expected KEY=VALUE such as type=pubsub'],
  ['a parameter twice', 'redis.kill', {...HERE, param: ['type=all', 'type=normal']}, 'the same one stands twice'],
  ['a wrong parameter', 'redis.kill', {...HERE, param: ['typ=all']}, "no parameter 'typ', did you mean 'type'?"],
  ['no time for what lasts', 'redis.disconnect', HERE, 'redis.disconnect lasts: say how long'],
  ['a time of zero', 'redis.disconnect', {...HERE, for: '0s'}, '--for: expected a positive duration'],
  [
    'a time for what is over at once',
    'redis.kill',
    {...HERE, for: '5s'},
    "redis.kill is over at once: leave out 'for'",
  ],
  ['what only we can put back', 'redis.max-clients', {...HERE, for: '1s'}, 'to allow it, add --allow-sticky'],
  ['a host of another', 'pg.cancel', {target: 'postgres://10.1.2.3/chat'}, 'add --allow-host 10.1.2.3'],
  [
    'a proxy of another',
    'net.down',
    {target: 'http://10.1.2.3:1', param: ['proxy=a'], for: '1s'},
    'add --allow-host 10.1.2.3',
  ],
])('%s is refused', async (_what, name, typed, message) => {
  await expect(run(name, typed)).rejects.toThrow(message)
  await expect(run(name, typed)).rejects.toBeInstanceOf(UsageError)
})
