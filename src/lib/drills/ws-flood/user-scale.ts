/** What a search for the most users raises from level to level, and how that is said. */
import {formatCount} from '../../base/format-units.js'
import type {Scale} from '../../verdict/knee.js'
import type {LevelResult} from './level-result.js'

export const userScale: Scale<LevelResult> = {
  axis: {name: 'users', unit: 'count'},
  load: ({users}) => users,
  words: ({users}) => `${formatCount(users)} users`,
  short: ({users}) => formatCount(users),
  top: 'the most that were asked for',
  metric: 'max_users',
}
