// Package frame is the outer layer of Halibut's wire: the preamble, identity and
// control lines, and messages as raw deflate around one BSON document.
//
// A message has no length; it ends where its deflate stream ends. Peers differ in
// what they leave unread behind that end, so the writer's stream ends with the
// very last byte of the document (a final stored block), and the reader always
// reads until the end of the stream.
//
// It is for package halibut and its tests. It knows nothing of TLS, of what is in
// a document, or of who may send what when.
package frame
