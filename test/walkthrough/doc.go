// Package walkthrough runs the lines of docs/getting-started.md as they stand: a guide that does not work fails the tests.
package walkthrough
