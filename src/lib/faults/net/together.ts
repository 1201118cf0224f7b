/** One fault on several proxies at once, as the ends of one link. */
import type {FaultGround, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'

/** The injector of one proxy, or of all that the ground means by its name. */
export function onEveryEnd(make: MakeInjector): MakeInjector {
  return (fault, kit) => {
    const named = String(fault.parameters['proxy'])
    const handle = kit.ground.proxies[named]
    if (handle?.names === undefined) return make(fault, kit)
    return together(handle.names.map((name) => make(on(fault, name), at(kit, name, handle.api))))
  }
}

function on(fault: PlannedFault, proxy: string): PlannedFault {
  return {...fault, parameters: {...fault.parameters, proxy}}
}

function at(kit: InjectorKit, name: string, api: string): InjectorKit {
  const ground: FaultGround = {...kit.ground, proxies: {...kit.ground.proxies, [name]: {api}}}
  return {...kit, ground}
}

/** Such proxies are our own and end with us, so that there is nothing for a later process to undo. */
function together(injectors: readonly Injector[]): Injector {
  const all = async (act: (injector: Injector) => Promise<unknown>): Promise<void> => {
    await Promise.all(injectors.map(act))
  }
  return {
    async prepare() {
      const previews = await Promise.all(injectors.map((injector) => injector.prepare()))
      return {
        server: previews.map(({server}) => server).join(', '),
        hits: [...new Set(previews.map(({hits}) => hits))].join(', '),
      }
    },
    inject: () => all((injector) => injector.inject()),
    /** Every end is tried, whichever cannot be put back. */
    async revert() {
      const results = await Promise.allSettled(injectors.map((injector) => injector.revert()))
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    },
    evidence: () => summed(injectors.map((injector) => injector.evidence())),
    close: () => all((injector) => injector.close()),
  }
}

type Evidence = ReturnType<Injector['evidence']>

/** Counts add up; of words the last counts. */
function summed(parts: readonly Evidence[]): Evidence {
  const sums: Record<string, number | string> = {}
  for (const [name, value] of parts.flatMap((part) => Object.entries(part))) {
    const before = sums[name]
    sums[name] = typeof value === 'number' && typeof before === 'number' ? before + value : value
  }
  return sums
}
