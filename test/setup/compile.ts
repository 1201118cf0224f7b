/** Processes of our own run compiled code, so that the tests need `dist` to be what `src` says. */
import {execa} from 'execa'

export async function setup(): Promise<void> {
  const incremental = ['--incremental', '--tsBuildInfoFile', 'dist/test.tsbuildinfo']
  await execa('tsc', incremental, {preferLocal: true, stdout: 'inherit'})
}
