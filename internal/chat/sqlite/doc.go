// Package sqlite keeps the chat in one SQLite file.
package sqlite
