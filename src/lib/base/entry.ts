/** Where the compiled code of a process of ours lies, whether the caller runs compiled or as source under test. */

/** `entryOf('./worker-main.js', import.meta.url)`: the file beside the caller, in `dist` when the caller runs from `src`. */
export function entryOf(relative: string, callerUrl: string): URL {
  const beside = new URL(relative, callerUrl)
  const at = beside.pathname.lastIndexOf('/src/lib/')
  if (!callerUrl.endsWith('.ts') || at < 0) return beside
  return new URL(`${beside.pathname.slice(0, at)}/dist/lib/${beside.pathname.slice(at + '/src/lib/'.length)}`, beside)
}
