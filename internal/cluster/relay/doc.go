// Package relay carries a request for a polling agent to the node that the agent is connected to, and the answer back. It is the
// halibut.Router of a node in a cluster: Router asks, Server is asked.
//
// Nodes speak HTTPS (HTTP/2 alone) with certificates of the cluster's own authority at both ends, each request naming the epoch that
// it is meant for, where there is one. One exchange is one POST whose body and answer go both ways at the same time, in frames: a kind, a
// length of 32 bits, the content.
//
//	asker                                   node with the agent
//	  request head, document  ────────────▶  waits for a connection of the agent
//	                          ◀────────────  "hand over?"        a connection is free
//	  checks fence, deadline
//	  "yes" (or "no": dropped)  ──────────▶  writes the document to the agent
//	                          ◀────────────  "stream n"          for each stream, when it is its turn
//	  its bytes               ────────────▶  straight to the agent
//	                          ◀────────────  response head, document, streams; or a failure
//
// What holds:
//   - Before "yes" nothing can have run: whatever breaks until then is ErrNotRun, and the request goes to another connection or node. After
//     "yes" only the far node's word is believed that it did not run; everything else is ErrMayHaveRun, and the journal decides.
//   - The fence is the asker's own check (it asks the database who owns the task), made when the agent's connection is free, so after
//     any wait in a queue. A "yes" counts for AnswerWithin by the far node's clock, which is less than what lies between the moment
//     at which a node stops acting and the one at which another may take its tasks. So an answer that the network held up moves nothing.
//   - Deadlines travel as durations: the nodes' clocks are never compared.
//   - When the asker goes (its stream is reset, its connection ends, or it does not answer pings), what was not handed over is dropped,
//     and the agent's connection is closed under what was.
//   - A node that was reaped because it lost the database, and lives, still has its agents: who finds an agent nowhere asks such nodes too, after
//     a while. That is safe for the same reason: the hand-over rests on the asker's word alone.
//   - A request waits at a node only while the agent is connected there: when its last connection ends, the asker is told "elsewhere".
//
// It knows neither tasks nor machines, and keeps nothing: who is connected where is asked of Config.Places. internal/server imports it.
package relay
