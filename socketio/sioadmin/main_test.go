package sioadmin

import (
	"os"
	"testing"
	"time"

	"rightnow/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.All(m, 5*time.Second)) }
