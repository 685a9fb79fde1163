// Package web is the chat room's page: HTML, style and JavaScript, embedded in
// the binary, and the handler that serves them.
//
//	/                  the page, room "lobby"
//	/r/NAME            the same page, room NAME
//	/assets/HASH/…     scripts, styles, icons; HASH names the content of all of them
//	/build             HASH alone, for open pages that ask whether they are old
//	/favicon.ico, /manifest.webmanifest, /robots.txt
//
// and, by a handler of its own ([Admin]), the official Socket.IO Admin UI:
//
//	/admin/            the UI as it comes from npm, without what it would load from elsewhere
//
// The page itself lies in page/ and is served as it is written: there is no
// bundler. Three libraries come from npm when the program is built (npm ci, then
// node build.mjs): jQuery; the official Socket.IO client, which the Socket.IO
// server hands out under its own path (see [ClientFiles]); and uPlot, which the
// page loads when it first draws a chart. So do the Admin UI and its icons. Without the first two the package
// still builds; [Built] then reports false.
//
// The page is served under a Content-Security-Policy that allows no inline
// script or style and, in browsers that know Trusted Types, no string to become
// markup. The page shows what people write as text nodes only. Of what live posts
// bring along it loads nothing by itself: a picture comes when it is clicked. The Admin UI has a
// policy of its own, which allows it inline styles, and likewise nothing from elsewhere.
package web
