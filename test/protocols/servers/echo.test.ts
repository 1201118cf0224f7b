/** An echo server made of ws: every user alone in its room hears itself. */
import {provesProtocol} from './flooding.js'
import {servesSockets} from './socket-server.js'

provesProtocol(
  'echo',
  (script) =>
    servesSockets(({socket}) => (text) => {
      for (let copy = script.copies() ?? 0; copy > 0; copy--) socket.send(text)
    }),
  {acks: false, refusesJoins: false, changes: {roomSize: 1}},
)
