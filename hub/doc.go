// Package hub holds rooms of members of any protocol and delivers messages to
// them, encoded once for each protocol.
package hub
