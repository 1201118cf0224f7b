import {describe, expect, it, test} from 'vitest'
import {renderChart} from '../../src/lib/report/chart.js'
import {noPaint} from '../../src/lib/report/paint.js'
import {renderTable} from '../../src/lib/report/table.js'
import {CURVE, sampleReport} from './sample.js'

describe('the chart of a search', () => {
  it('draws the first figure as a bar, and names the knee', () => {
    expect(renderChart(CURVE, noPaint)).toEqual([
      ' users  p99(delivery_latency)                     lost',
      ' 6,250  ███▊ 12.5 ms                               0 %  held',
      '12,500  ███████████████ 50 ms                      0 %  held',
      '18,750  ▏ –                                          –  our own limit',
      '25,000  ██████████████████████████████ 100 ms  12.50 %  broke',
      'Knee       12,500 users held; 25,000 broke messages_lost == 0',
    ])
  })

  it('is not drawn when no level was finished', () => {
    expect(renderChart({...CURVE, points: []}, noPaint)).toEqual([])
  })

  it('wraps a long sentence about the knee to the width of a report', () => {
    const lines = renderChart({...CURVE, knee: 'a rather long reason '.repeat(12)}, noPaint)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
  })
})

test('a report of a search shows its chart under the thresholds; another report shows none', () => {
  const plain = sampleReport()
  expect(renderTable(plain)).not.toContain('Knee')
  expect(renderTable({...plain, curve: CURVE})).toContain('Knee       12,500 users held')
})
