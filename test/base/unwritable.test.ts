import {expect, test} from 'vitest'
import {whyUnwritable} from '../../src/lib/base/unwritable.js'

test.each([
  ['ENOENT', 'there is no such folder'],
  ['ENOTDIR', 'there is no such folder'],
  ['EISDIR', 'it is a folder, not a file'],
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['EROFS', 'the disk is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EMFILE', 'EMFILE'],
])('%s means: %s', (code, words) => {
  expect(whyUnwritable(Object.assign(new Error('open failed'), {code}))).toBe(words)
})

test('what carries no code is told as it is', () => {
  expect(whyUnwritable(new Error('out of luck'))).toBe('Error: out of luck')
})
