/** Processes of our own run compiled code, so that the tests need `dist` to be what `src` says. */
import {execa} from 'execa'

export async function setup(): Promise<void> {
  await execa('npx', ['tsc', '--incremental', '--tsBuildInfoFile', '.tmp/test.tsbuildinfo'], {stdout: 'inherit'})
}
