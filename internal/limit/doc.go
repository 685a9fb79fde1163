// Package limit has what limits of a rate are made of: a token bucket, and what counts as one address.
package limit
