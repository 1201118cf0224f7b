import {expect, test} from 'vitest'
import {FAULT_NAMES, FAULTS} from '../../src/lib/faults/catalogue.js'
import {loadInjectors} from '../../src/lib/faults/injectors.js'
import {settleFaults} from '../../src/lib/faults/settle.js'

/** A value of each kind, for parameters that must be given. */
const SAMPLE = {duration: '1s', size: '1KiB', 'byte-rate': '1MB/s', count: '3', share: '50%', text: 'a', choice: ''}

test.each(FAULT_NAMES)('somebody knows how to inject %s, with what is required of it', async (name) => {
  const parameters = Object.fromEntries(
    Object.entries(FAULTS[name]?.parameters ?? {}).flatMap(([key, {kind, required}]) =>
      required === true ? [[key, SAMPLE[kind]]] : [],
    ),
  )
  const forMs = FAULTS[name]?.lasts === true ? 1000 : undefined
  const [fault] = settleFaults([{name, parameters, atMs: 0, forMs, text: name}], {durationMs: 5000, allowSticky: true})
  expect(fault).toMatchObject({name, needs: FAULTS[name]?.needs, forMs: forMs ?? 0})
  expect(await loadInjectors([name])).toEqual({[name]: expect.any(Function) as unknown})
})

test.each(FAULT_NAMES)('%s is told in whole sentences', (name) => {
  const {meaning, privilege} = FAULTS[name] ?? {meaning: '', privilege: ''}
  expect(meaning).toMatch(/^[A-Z].*\.$/)
  expect(privilege).not.toBe('')
})
