import {readFile} from 'node:fs/promises'
import {expect, test} from 'vitest'
import {profileJsonSchema, protocolJsonSchema} from '../../../src/lib/targets/profile/json-schema.js'

test.each([
  ['profile', profileJsonSchema],
  ['protocol', protocolJsonSchema],
])('the shipped schema of a %s is made from the same source as its type', async (name, schema) => {
  const shipped = await readFile(new URL(`../../../fixtures/schema/${name}.schema.json`, import.meta.url), 'utf8')
  expect(JSON.parse(shipped), 'run `npm run schemas`').toEqual(JSON.parse(JSON.stringify(schema())))
})

test('every key of a profile is described for those who hover over it', () => {
  const {properties} = profileJsonSchema() as {properties: Record<string, {description?: string}>}
  const silent = Object.entries(properties).filter(([, {description}]) => !description)
  expect(silent).toEqual([])
})
