// Package storetest is what every [chat.Store] must pass.
package storetest
