// Package portal has one test: a browser walks through the portal of a real server with a real agent. What it does stands
// in web/test. It runs where MANTLE_TEST_BROWSER is set, as scripts/browser does: it needs Node, the portal's packages and
// chromium.
package portal
