import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {
  type Check,
  type Diagnosis,
  diagnosisJsonSchema,
  diagnosisSchema,
} from '../../src/lib/report/diagnosis-schema.js'
import {renderDiagnosis} from '../../src/lib/report/diagnosis.js'
import {paintFor} from '../../src/lib/report/paint.js'

function check(changes: Partial<Check>): Check {
  return {area: 'machine', name: 'ports', state: 'ok', value: '28,232', remedies: [], ...changes}
}

function diagnosis(changes: Partial<Diagnosis> = {}): Diagnosis {
  return {
    schema: 'proofload.doctor/1',
    tool: {name: 'proofload', version: '0.1.0'},
    asked: {connections: 50_000, roomSize: 50, against: 'practice', targets: []},
    machine: {
      platform: 'linux',
      cores: 2,
      memoryBytes: 1,
      memoryAvailableBytes: 1,
      descriptorsSoft: 1,
      descriptorsHard: 1,
      firstPort: 1,
      lastPort: 2,
      manyLoopbackAddresses: true,
    },
    plans: [
      {
        with: 'practice',
        connections: 50_000,
        fits: true,
        workers: 3,
        nodes: 3,
        mostConnections: 300_000,
        limitedBy: 'memory',
        connectRate: 3000,
      },
    ],
    checks: [check({})],
    problems: 0,
    warnings: 0,
    exitCode: 0,
    ...changes,
  }
}

test('a line for each check, and the answer last', () => {
  const text = renderDiagnosis(diagnosis({checks: [check({allows: 'many users'})]}))
  expect(text).toBe(
    [
      '',
      'This machine',
      'ok       ports              28,232 · many users',
      '',
      'READY  50,000 users against the practice target: fits, 3 workers',
      '',
    ].join('\n'),
  )
})

test('what does not fit stands with what was expected, what was seen, and what mends it', () => {
  const found = check({
    area: 'protocol',
    name: 'handshake, join',
    state: 'problem',
    value: 'not let in',
    expected: ["join.until: a frame that is 'joined'"],
    seen: ['{"op":"hello"}'],
    remedies: [{what: 'mend it'}, {what: 'or this', command: 'sudo sysctl -w a=1'}],
  })
  expect(renderDiagnosis(diagnosis({checks: [found], problems: 1, warnings: 2, exitCode: 69}))).toBe(
    [
      '',
      'Protocol and credentials',
      'problem  handshake, join    not let in',
      "                            expected join.until: a frame that is 'joined'",
      '                            seen     {"op":"hello"}',
      '                            → mend it',
      '                            → or this:',
      '                              sudo sysctl -w a=1',
      '',
      'NOT READY  50,000 users against the practice target: fits, 3 workers · 1 problem · 2 warnings',
      '',
    ].join('\n'),
  )
})

test('fits 100 columns, and never parts a figure from its unit or breaks a command', () => {
  const long = Array.from({length: 30}, (_, n) => `acked in ${n} ms`).join(' · ')
  const command = `sudo sysctl -w ${'x'.repeat(120)}=1`
  const text = renderDiagnosis(diagnosis({checks: [check({value: long, remedies: [{what: long, command}]})]}))
  const lines = text.split('\n')
  expect(lines.filter((line) => line.length > 100)).toEqual([`${' '.repeat(30)}${command}`])
  expect(lines.filter((line) => /^ +ms/.test(line.replace('→', ' ')) && line.includes('acked in'))).toEqual([])
  expect(text).not.toContain('\u00A0')
})

test('colours only where they are wanted', () => {
  expect(renderDiagnosis(diagnosis(), paintFor(false))).not.toContain('\u001B')
  expect(renderDiagnosis(diagnosis(), paintFor(true))).toContain('\u001B[32mok')
})

test('the shape is checked, and shipped as it is', () => {
  expect(diagnosisSchema.parse(diagnosis())).toEqual(diagnosis())
  const shipped = new URL('../../fixtures/schema/doctor.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(shipped, 'utf8'))).toEqual(diagnosisJsonSchema())
})
