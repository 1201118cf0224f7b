/** What is shipped is right by itself: every file is read, compiled, and told by its own name in help and docs. */
import {readdir, readFile} from 'node:fs/promises'
import {basename} from 'node:path'
import {expect, test} from 'vitest'
import {drillFlags} from '../../../src/lib/cli/flags/common.js'
import {compileDialect} from '../../../src/lib/protocols/websocket/dialect.js'
import {protocolFile, readProtocol} from '../../../src/lib/targets/profile/protocols.js'

const names = (await readdir(new URL('../../../fixtures/protocols/', import.meta.url))).map((file) =>
  basename(file, '.yaml'),
)

test.each(names)('%s is named like its file, says how far it was tested, and makes a dialect', async (name) => {
  const protocol = await readProtocol(await protocolFile(name, '.'))
  expect(protocol.name).toBe(name)
  expect(['supported', 'experimental']).toContain(protocol.support)
  expect(compileDialect(protocol).url('ws://h', {n: 0, user: 'ann', room: 'tea', token: 't', run: 'r'})).toMatch(/^ws:/)
})

test('help and docs name every shipped protocol, and which of them are experimental', async () => {
  const docs = await readFile(new URL('../../../docs/profile.md', import.meta.url), 'utf8')
  for (const name of names) {
    const {support} = await readProtocol(await protocolFile(name, '.'))
    const experimental = support === 'experimental'
    expect(drillFlags.protocol.summary?.includes(`${name} (experimental)`), `${name} in --help`).toBe(experimental)
    expect(drillFlags.protocol.summary).toMatch(new RegExp(`\\b${name}\\b`))
    expect(docs).toMatch(new RegExp(`\\| \`${name}\` \\| ${experimental ? 'experimental' : 'supported'} \\|`))
  }
})
