/** Started by a test to be killed: starts the services named in its arguments, tells their ports, and waits. */
const [postgres, redis] = await Promise.all([
  import('../../../dist/lib/targets/embedded/postgres.js'),
  import('../../../dist/lib/targets/embedded/redis.js'),
])
const STARTS = {
  postgres: () => postgres.startPostgres(),
  redis: () => redis.startRedis(),
  fallback: () => redis.startRedis({prefer: 'fallback'}),
}
setTimeout(() => undefined, 60_000)
const services = await Promise.all(process.argv.slice(2).map((name) => STARTS[name]()))
process.stdout.write(`${JSON.stringify(services.map(({port, pid}) => ({port, pid})))}\n`)
