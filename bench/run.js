// Measures what the tool must reach, with ratios against baselines of the same run: `npm run bench [-- PART …]`.
import {benchAccuracy} from './accuracy.js'
import {benchAmqp} from './amqp.js'
import {benchDbExplain} from './db-explain.js'
import {benchFaults} from './faults.js'
import {benchPostgres} from './postgres.js'
import {benchProxy} from './proxy.js'
import {benchRedis} from './redis.js'
import {benchStarved} from './starved.js'
import {benchThroughput} from './throughput.js'
import {benchTls} from './tls.js'
import {benchWsFlood} from './ws-flood.js'

const PARTS = {
  'ws-flood': benchWsFlood,
  accuracy: benchAccuracy,
  starved: benchStarved,
  tls: benchTls,
  faults: benchFaults,
  proxy: benchProxy,
  redis: benchRedis,
  throughput: benchThroughput,
  postgres: benchPostgres,
  amqp: benchAmqp,
  'db-explain': benchDbExplain,
}
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in PARTS))
if (unknown.length > 0)
  throw new Error(`no bench is called ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`)
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) await PARTS[name]()
