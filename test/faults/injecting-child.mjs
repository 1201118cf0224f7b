/** Started by a test to be killed: injects the fault named in its arguments, says so, and waits for its end. */
const [module, name, ground, fault] = process.argv.slice(2)
const {HostClock} = await import('../../dist/lib/base/clock.js')
const {seededRandom} = await import('../../dist/lib/base/random.js')
const make = (await import(`../../dist/lib/faults/${module}.js`))[name]
const kit = {clock: new HostClock(), random: seededRandom('child'), ground: JSON.parse(ground), mark: 'proofload:child'}
setTimeout(() => undefined, 30_000)
const injector = make(JSON.parse(fault), kit)
await injector.prepare()
const undoing = (await injector.undoing?.()) ?? null
await injector.inject()
process.stdout.write(`${JSON.stringify(undoing)}\n`)
