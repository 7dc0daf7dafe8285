// Package dialect writes and reads Go values in the BSON dialect of .NET's
// Newtonsoft serializer with TypeNameHandling.Auto, as Halibut's messages use it.
//
// A struct is a document; its members are named by the tag `halibut:"Name"` or by
// the field. Type names ($type) appear only where the declared type is object:
// in parameters, results and fields of interface type. The names come from a
// Registry, which is a value and never changes.
//
// It is for package halibut and for programs that declare contracts for it. It
// knows nothing of connections, deflate or requests.
package dialect
