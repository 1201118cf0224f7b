/** Says in words what a protocol file waits for, so that it can be held against what came. */
import type {FrameMatcher, Protocol} from './protocol.js'

/** `a frame that starts with '{"type":"joined"'` */
export function matcherWords(matcher: FrameMatcher): string {
  return [matcher].flat().map(formWords).join(', or ')
}

function formWords({startsWith, contains, equals}: Exclude<FrameMatcher, readonly unknown[]>): string {
  const parts = [
    ...(startsWith === undefined ? [] : [`starts with '${startsWith}'`]),
    ...(contains === undefined
      ? []
      : [
          `contains ${[contains]
            .flat()
            .map((text) => `'${text}'`)
            .join(' and ')}`,
        ]),
    ...(equals === undefined ? [] : [`is '${equals}'`]),
  ]
  return `a frame that ${parts.join(' and ')}`
}

/** What a step of the entrance waits for: `join.until: a frame that …`; undefined for a step that waits for nothing. */
export function entranceWords({open = [], join}: Protocol, step: number): string | undefined {
  const asking = step < open.length ? open[step] : join
  if (asking?.until === undefined) return undefined
  return `${step < open.length ? `open[${step}].until` : 'join.until'}: ${matcherWords(asking.until)}`
}
