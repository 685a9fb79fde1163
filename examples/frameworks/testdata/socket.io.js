// Stands in for the official client.
