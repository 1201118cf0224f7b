/** What stood behind a run, each in one line: the target, the phases, and our own side. */
import {formatCount, formatDuration, formatSize} from '../base/format-units.js'
import type {Report} from './schema.js'

/** Services that the description names already are not said twice. */
export function targetText({target: {description}, environment}: Report): string {
  const services = Object.values(environment.services).filter((service) => !description.includes(service))
  return [description, ...services].join(' · ')
}

export function phasesText(report: Report): string {
  if (report.phases.length === 0) return 'none was reached'
  return report.phases.map((phase) => `${phase.name} ${formatDuration(phase.endMs - phase.startMs)}`).join(' · ')
}

export function generatorText(report: Report): string {
  const own = report.generator
  const parts = [
    `${formatCount(own.workers)} ${own.workers === 1 ? 'worker' : 'workers'}`,
    `delay p99: event loop ${formatDuration(own.eventLoopDelayP99Ms)}, start ${formatDuration(own.startDelayP99Ms)}`,
    `cpu ${Math.round(own.cpuShare * 100)} %`,
    `${formatCount(own.droppedArrivals)} dropped`,
    formatSize(own.rssBytes),
    ...(own.healthy ? [] : ['not healthy']),
  ]
  return parts.join(' · ')
}
