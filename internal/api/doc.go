// Package api is the REST face: the engine that serves every resource in one order of steps, and the registry that the
// root documents, the permissions of operations and the OpenAPI document are read from. It knows users and spaces, and
// no other noun: the packages below it (internal/api/…api) register their resources. Only they and internal/server import
// it.
//
// A request goes: match the route (case ignored), find who asks and the space, authorise, decode, then in one write
// transaction check that the permissions are still those that were read, prepare, validate, write the row and its audit
// event, and keep the answer of an Idempotency-Key; at last render. Nothing of it is repeated in a resource.
package api
