// Package eiowire is Engine.IO protocol 4 as bytes: packets, and the payloads of long-polling that join them. It does
// no I/O and keeps no state.
package eiowire
