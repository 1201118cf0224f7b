import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {openOutputs, parseOutput} from '../../src/lib/report/outputs.js'
import {sampleReport} from './sample.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proofload-outputs-'))
})

afterEach(async () => {
  await rm(folder, {recursive: true})
})

test('a report is written to each file', async () => {
  const files = [join(folder, 'a.json'), join(folder, 'b.json')]
  {
    await using outputs = await openOutputs(files.map((file) => ({kind: 'json', file})))
    await outputs.write(sampleReport())
  }
  for (const file of files)
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({schema: 'proofload.report/1'})
})

test('a run without a report leaves neither an empty nor an old file behind', async () => {
  const file = join(folder, 'old.json')
  await writeFile(file, '{"verdict": "pass"}')
  {
    await using _outputs = await openOutputs([{kind: 'json', file}])
  }
  expect(await readdir(folder)).toEqual([])
})

test('a folder that is not there is told before the run, and the other file is removed again', async () => {
  const wrong = join(folder, 'nowhere', 'b.json')
  const opening = openOutputs([
    {kind: 'json', file: join(folder, 'a.json')},
    {kind: 'json', file: wrong},
  ])
  await expect(opening).rejects.toThrow(`json output ${wrong} cannot be created: there is no such folder`)
  expect(await readdir(folder)).toEqual([])
})

test('a folder is no file, and one file takes one report', async () => {
  await expect(openOutputs([{kind: 'json', file: folder}])).rejects.toThrow('it is a folder, not a file')
  const twice = {kind: 'json', file: join(folder, 'a.json')} as const
  await expect(openOutputs([twice, twice])).rejects.toThrow('two outputs name the same file')
})

test.each([
  ['json=report.json', {kind: 'json', file: 'report.json'}],
  ['json=a=b.json', {kind: 'json', file: 'a=b.json'}],
])('%s is read', (text, expected) => {
  expect(parseOutput(text)).toEqual(expected)
})

test.each([
  ['jsn=report.json', "unknown kind of output 'jsn', did you mean 'json'?"],
  ['report.json', "unknown kind of output 'report.json'"],
  ['json=', 'names no file'],
  ['json', 'names no file'],
])('%s is refused', (text, message) => {
  expect(() => parseOutput(text)).toThrow(message)
})
