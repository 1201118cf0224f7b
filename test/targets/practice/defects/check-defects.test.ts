import {describe, expect, it} from 'vitest'
import {UsageError} from '../../../../src/lib/base/errors.js'
import {checkDefects} from '../../../../src/lib/targets/practice/defects/check-defects.js'
import {parseDefect} from '../../../../src/lib/targets/practice/defects/parse-defect.js'

describe('a defect', () => {
  it.each([
    ['small-cache', 'db-explain'],
    ['lose-deliveries', 'ws-flood'],
    ['lose-deliveries', 'msg-throughput'],
    ['hot-shard', 'msg-throughput'],
    ['hot-shard', undefined],
  ])('%s goes with %s', (defect, drill) => {
    expect(() => checkDefects([parseDefect(defect)], drill)).not.toThrow()
  })

  it.each([
    ['small-cache', 'ws-flood', 'for db-explain'],
    ['small-cache', undefined, 'for db-explain'],
    ['lose-deliveries', 'db-explain', 'of the practice chat'],
    ['hot-shard', 'ws-flood', 'for msg-throughput'],
  ])('%s does not go with %s, as it is %s', (defect, drill, whose) => {
    expect(() => checkDefects([parseDefect(defect)], drill)).toThrow(UsageError)
    expect(() => checkDefects([parseDefect(defect)], drill)).toThrow(whose)
  })
})
