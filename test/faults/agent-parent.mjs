/** Started by a test to be killed: starts an agent, says so, and then either waits or never lets its event loop turn again. */
import {startAgent} from '../../dist/lib/faults/agent/agent.js'

const agent = await startAgent(JSON.parse(process.env.OPTIONS ?? ''))
agent.start(Number(process.hrtime.bigint()) / 1e6)
setTimeout(() => undefined, 60_000)
process.stdout.write('started\n', () => {
  while (process.argv[2] === 'busy');
})
