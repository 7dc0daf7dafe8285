// Package mainjob walks the main job from outside: it builds the two programs, starts servers and agents as processes of
// their own in a directory of their own, and speaks to the server over HTTP as any client would.
//
// It asserts nothing about the product and knows no package of it; tests of test/ import it, nobody else. What it starts is
// gone when the test ends, however it ends.
package mainjob
