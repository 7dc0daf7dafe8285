// Package halibut is an RPC protocol between a server and its agents: mutually
// authenticated TLS by certificate thumbprint, messages in deflated BSON, and
// streams of bytes beside them. It speaks the wire protocol of Octopus Deploy's
// Halibut, so that either side may be the original.
//
// There are two roles and two directions. The client calls methods; the service
// answers them. In listening mode the client dials the service; in polling mode
// the service dials the client and waits for requests:
//
//	             who dials      client side            service side
//	listening    the client     Client                 Listener with Services
//	polling      the service    Client, Queue,         Poller with Services
//	                            Listener with Queue
//
// A connection is in one of these states:
//
//		preamble → identity → idle ⇄ exchanging → closed
//
//	  - preamble, identity: the dialer has said MX and who it is. Nobody is trusted
//	    before the certificate's thumbprint was looked up, and everything that is
//	    read before that is bounded in length, time and number.
//	  - idle: nothing is under way. Whoever leaves, leaves here without loss.
//	  - exchanging: a request was written, in part at least. If the connection ends
//	    here the request may have run, and nobody in this package sends it again.
//
// Invariants:
//
//   - A request is written to one connection at most. Error.State says whether it
//     was: ErrNotRun is certain, ErrMayHaveRun is everything else.
//   - Every unit (identity, message, stream header, body, trailer, control line)
//     is one write of its own, and a message ends with the last byte of its BSON.
//   - What a peer sends is held in memory only up to Limits; streams go to files.
//   - Removing a thumbprint from Trust closes its connections at once.
//
// The package knows nothing of deployments, scripts or a database. Any program
// may import it; it imports nothing of this module outside its own folder.
package halibut
