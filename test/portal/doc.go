// Package portal has two tests with a browser. In one it walks through the portal of a real server with a real agent; in the other it watches
// a deployment through HAProxy while the node that runs it, and serves the page, is killed. What the browser does stands in web/test. They run
// where MANTLE_TEST_BROWSER is set, as scripts/browser does: they need Node, the portal's packages and chromium, the second one PostgreSQL and
// HAProxy too.
package portal
