// Package retention removes what people do not want to keep: releases, by the policies of the phases that they have been deployed in, and packages of
// the built-in feed that no release has chosen. It carries out server tasks of the kind Retention.
//
// Which releases go is a pure function of facts (Facts.Decide). A run goes from project to project: it reads the facts of one in a read transaction,
// decides, and removes the releases one after the other, each in a transaction of its own under the run's fence, in which it makes sure under the release's
// lock that nothing has been deployed since. Who deploys takes the same lock (release.Hold): so either the deployment comes first, and the release stays,
// or the release is gone, and the deployment is refused.
//
// Such a task resumes. A project whose block in the log has ended is passed over; the one that was being looked at is looked at again: what has been
// removed is not there any more, so nothing is done twice. Files (logs, artifacts, packages) are deleted once the rows are gone for certain; what a
// node leaves behind when it dies is swept at the end of the next run.
//
// The package does not clean machines: a deployment does that itself, at its end. internal/server imports it, and tests.
package retention
