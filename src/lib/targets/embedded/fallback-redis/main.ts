/** The process of the in-process Redis: `main.js PORT`; ends on SIGTERM. */
import process from 'node:process'

// Read when fengari is loaded, hence before our imports: whole doubles print without ".0", as in Lua 5.1.
process.env['FENGARICONF'] = JSON.stringify({LUA_COMPAT_FLOATSTRING: true})
const {FallbackServer} = await import('./server.js')

const server = new FallbackServer()
process.on('SIGTERM', () => server.close())
try {
  await server.listen(Number(process.argv[2]))
} catch (error) {
  // Our guardian reads this: a port that is taken is tried elsewhere.
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
