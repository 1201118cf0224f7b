import {expect, test} from 'vitest'
import {lineOf, type Exhibit} from '../../src/lib/metrics/exhibit.js'
import {paintFor} from '../../src/lib/report/paint.js'
import {reportSchema} from '../../src/lib/report/schema.js'
import {renderTable} from '../../src/lib/report/table.js'
import {sampleReport} from './sample.js'

const EXHIBITS: readonly Exhibit[] = [
  {
    title: 'before',
    group: 'room-history',
    lines: [
      [
        {text: '► ', tone: 'hot'},
        {text: 'Seq Scan', tone: 'plain'},
      ],
    ],
  },
  {
    title: 'after',
    group: 'room-history',
    lines: [
      [
        {text: 'Index Scan using ', tone: 'plain'},
        {text: 'new_idx', tone: 'good'},
      ],
    ],
  },
  {title: 'Statements to apply', lines: [[{text: 'CREATE INDEX CONCURRENTLY …', tone: 'plain'}], []]},
]

test('exhibits stand under the thresholds, each with its title, and are part of a valid report', () => {
  const report = {...sampleReport(), exhibits: EXHIBITS}
  const text = renderTable(report)
  expect(text).toContain(
    '\nroom-history · before\n► Seq Scan\n\nroom-history · after\nIndex Scan using new_idx\n\nStatements to apply\nCREATE',
  )
  expect(text.indexOf('room-history')).toBeGreaterThan(text.indexOf('messages_lost'))
  expect(text.indexOf('room-history')).toBeLessThan(text.indexOf('Target     practice'))
  expect(reportSchema.strict().safeParse(report).error).toBeUndefined()
})

test('tones are the colours of a report', () => {
  const text = renderTable({...sampleReport(), exhibits: EXHIBITS}, paintFor(true))
  expect(text).toContain('\u001B[1;31m► \u001B[22;39mSeq Scan')
  expect(text).toContain('Index Scan using \u001B[32mnew_idx\u001B[39m')
})

test('a drill brings them home in its facts', () => {
  const facts = {phases: [], series: {}, generator: sampleReport().generator, evidence: {}, exhibits: EXHIBITS}
  expect(sampleReport({facts}).exhibits).toEqual(EXHIBITS)
  expect(sampleReport()).not.toHaveProperty('exhibits')
})

test('neighbours of one tone are one span, and nothing is none', () => {
  const [plain, dim] = ['plain', 'dim'] as const
  expect(
    lineOf({text: 'a', tone: plain}, {text: '', tone: dim}, {text: 'b', tone: plain}, {text: 'c', tone: dim}),
  ).toEqual([
    {text: 'ab', tone: plain},
    {text: 'c', tone: dim},
  ])
})
