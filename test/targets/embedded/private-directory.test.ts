import {chmod, mkdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {othersMayEnter, privateDirectory} from '../../../src/lib/targets/embedded/guardian/directory.js'
import {ownTemporaryDirectory, removeDirectory} from './left-behind.js'

let root: string

beforeEach(async () => {
  root = await ownTemporaryDirectory()
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await removeDirectory(root)
})

test('a folder below a closed one cannot be entered by others', async () => {
  const inner = join(root, 'closed', 'inner')
  await mkdir(inner, {recursive: true})
  expect(await othersMayEnter(inner)).toBe(true)
  await chmod(join(root, 'closed'), 0o700)
  expect(await othersMayEnter(inner)).toBe(false)
})

test('a private directory may be entered, but not listed, by others', async () => {
  vi.stubEnv('TMPDIR', root)
  const directory = await privateDirectory('redis')
  expect(directory.startsWith(join(root, 'proofload-redis-'))).toBe(true)
  expect((await stat(directory)).mode & 0o777).toBe(0o711)
})

test.skipIf(process.getuid?.() !== 0)('as root, a temporary directory of its own is not used', async () => {
  await chmod(root, 0o700)
  vi.stubEnv('TMPDIR', root)
  const directory = await privateDirectory('postgres')
  expect(directory.startsWith('/tmp/proofload-postgres-')).toBe(true)
  await removeDirectory(directory)
})
