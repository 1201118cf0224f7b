import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {processorWait} from '../../src/lib/load/processor-wait.js'

test.each([
  ['what Linux writes, as milliseconds', '54511 78197000 12\n', 78.197],
  ['nothing where the file is empty', '', undefined],
  ['nothing where it says something else', 'cpu none at all', undefined],
])('the wait for a processor is %s', async (_what, text, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'schedstat-'))
  try {
    await writeFile(join(folder, 'schedstat'), text)
    expect(processorWait(join(folder, 'schedstat'))).toBe(expected)
  } finally {
    await rm(folder, {recursive: true})
  }
})

test('the wait for a processor is unknown where no file tells it', () => {
  expect(processorWait('/proc/self/no-such-file')).toBeUndefined()
})
