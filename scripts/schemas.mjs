/** Writes the JSON schemas that ship in fixtures/schema, from the built tool. Run it as `npm run schemas`. */
import {writeFile} from 'node:fs/promises'
import {diagnosisJsonSchema} from '../dist/lib/report/diagnosis-schema.js'
import {reportJsonSchema} from '../dist/lib/report/schema.js'
import {profileJsonSchema, protocolJsonSchema} from '../dist/lib/targets/profile/json-schema.js'

const schemas = {
  profile: profileJsonSchema,
  protocol: protocolJsonSchema,
  report: reportJsonSchema,
  doctor: diagnosisJsonSchema,
}

for (const [name, schema] of Object.entries(schemas)) {
  await writeFile(`fixtures/schema/${name}.schema.json`, `${JSON.stringify(schema(), null, 2)}\n`)
}
