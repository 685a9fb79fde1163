package storetest_test

import (
	"testing"

	"rightnow/internal/chat"
	"rightnow/internal/chat/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, storetest.Harness{
		New: func(*testing.T) chat.Store { return &storetest.Memory{} },
	})
}
