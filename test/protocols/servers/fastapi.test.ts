/** The way FastAPI's manager speaks, by a stand-in: the room in the path, and every text broadcast as it is. */
import {provesProtocol} from './flooding.js'
import {servesSockets} from './socket-server.js'

provesProtocol(
  'fastapi',
  (script) =>
    servesSockets(({socket, url, rooms}) => {
      const room = url.split(/[/?]/)[2] ?? ''
      rooms.enter(room, socket)
      return (text) => rooms.tell(room, script.copies() ?? 0, (member) => member.send(text))
    }),
  {acks: false, refusesJoins: false},
)
