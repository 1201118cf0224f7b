/** What the tests of single injectors share: a kit, a planned fault, and how they end. */
import {HostClock} from '../../src/lib/base/clock.js'
import {seededRandom} from '../../src/lib/base/random.js'
import type {FaultGround, PlannedFault} from '../../src/lib/faults/fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../../src/lib/faults/injector.js'

const MARK = 'proofload:trial'

export function kitFor(ground: Partial<FaultGround>): InjectorKit {
  return {
    clock: new HostClock(),
    random: seededRandom('trial'),
    ground: {proxies: {}, nodes: [], ...ground},
    mark: MARK,
  }
}

export type Parameters = PlannedFault['parameters']

/** For 60 s, so that nothing ends by itself before the test ends it. */
export function plan(name: string, parameters: Parameters = {}): PlannedFault {
  const needs = name.startsWith('redis') ? 'redis' : 'postgres'
  return {name, class: 'one-shot', needs, text: `${name} at 0s for 60s`, parameters, atMs: 0, forMs: 60_000}
}

/** Closes the injector whatever the trial does with it. */
export async function during<Result>(
  make: MakeInjector,
  fault: PlannedFault,
  kit: InjectorKit,
  trial: (injector: Injector) => Promise<Result>,
): Promise<Result> {
  const injector = make(fault, kit)
  try {
    await injector.prepare()
    return await trial(injector)
  } finally {
    await injector.revert()
    await injector.close()
  }
}
