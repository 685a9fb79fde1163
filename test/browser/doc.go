// Package browser has no code of its own: its tests drive a real Chromium through the program's page and through those of
// the lesson and of the other examples, as two people with two browsers would. The programs run as child processes, built by
// the tests with the race detector, or named by RIGHTNOW_BIN, LESSON_BIN, TWEETS_BIN and so on. CHROMIUM names another browser.
package browser
