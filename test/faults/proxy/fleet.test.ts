import {expect, test} from 'vitest'
import {capacityOf} from '../../../src/lib/faults/proxy/carriers/fleet.js'

test.each([
  ['20,000 descriptors', 'Max open files            20000                20000                files', 9500],
  ['a million', 'Max open files            1048576              1048576              files', 523_788],
  ['a small limit', 'Max open files            1024                 1024                 files', 12],
  ['no limit that can be read', undefined, 9500],
  ['unlimited', 'Max open files            unlimited            unlimited            files', 9500],
])('with %s one process carries %3$i connections', (_words, limits, capacity) => {
  expect(capacityOf(limits)).toBe(capacity)
})
