package hubtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"rightnow/hub"
)

// TestJournal runs what every hub.Journal must pass. make is called once for
// each subtest, in a synctest bubble, and returns an empty journal that keeps at
// least 100 small messages. What runs for it must end with the test's cleanups.
func TestJournal(t *testing.T, make func(t *testing.T) hub.Journal) {
	for _, c := range journalChecks {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if err := c.run(t.Context(), make(t)); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

var journalChecks = []struct {
	name string
	run  func(context.Context, hub.Journal) error
}{
	{"everything behind an offset, in order", checkAfter},
	{"nothing behind the head", checkHead},
	{"the head of an empty journal", checkEmptyHead},
	{"an offset that was given stays", checkGivenOffset},
	{"unknown offsets", checkUnknownOffsets},
}

// fill appends n messages called e0, e1, …, and returns their offsets.
func fill(j hub.Journal, n int) (offsets []string) {
	for i := range n {
		offsets = append(offsets, j.Append(&hub.Message{Event: fmt.Sprint("e", i), Args: []byte("[1]")}))
	}
	return offsets
}

// wantAfter checks what is behind an offset.
func wantAfter(ctx context.Context, j hub.Journal, offset string, want ...string) error {
	missed, err := j.After(ctx, offset)
	if err != nil {
		return fmt.Errorf("After(%q): %w", offset, err)
	}
	var got []string
	for _, m := range missed {
		got = append(got, m.Event)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("After(%q) has %v, not %v", offset, got, want)
	}
	return nil
}

func checkAfter(ctx context.Context, j hub.Journal) error {
	offsets := fill(j, 50)
	var names []string
	for i := range offsets {
		names = append(names, fmt.Sprint("e", i))
	}
	for i, offset := range offsets {
		if slices.Contains(offsets[:i], offset) || offset == "" {
			return fmt.Errorf("offset %d is %q, which is empty or another's", i, offset)
		}
		if err := wantAfter(ctx, j, offset, names[i+1:]...); err != nil {
			return err
		}
	}
	return nil
}

func checkHead(ctx context.Context, j hub.Journal) error {
	offsets := fill(j, 3)
	if j.Head() != offsets[2] {
		return fmt.Errorf("the head is %q, not %q", j.Head(), offsets[2])
	}
	return wantAfter(ctx, j, j.Head())
}

func checkEmptyHead(ctx context.Context, j hub.Journal) error {
	head := j.Head()
	if err := wantAfter(ctx, j, head); err != nil {
		return err
	}
	fill(j, 2)
	return wantAfter(ctx, j, head, "e0", "e1")
}

func checkGivenOffset(ctx context.Context, j hub.Journal) error {
	if got := j.Append(&hub.Message{Event: "far", Args: []byte("[]"), Offset: "1-0"}); got != "1-0" {
		return fmt.Errorf("a message with the offset 1-0 got %q", got)
	}
	fill(j, 1)
	return wantAfter(ctx, j, "1-0", "e0")
}

func checkUnknownOffsets(ctx context.Context, j hub.Journal) error {
	offset := fill(j, 3)[1]
	for _, unknown := range []string{"", "x", "1", offset + "0", offset[1:], " " + offset} {
		if missed, err := j.After(ctx, unknown); !errors.Is(err, hub.ErrNotKept) || missed != nil {
			return fmt.Errorf("After(%q) = %d messages, %v", unknown, len(missed), err)
		}
	}
	return nil
}
