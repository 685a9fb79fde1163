package chat_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/internal/chat"
)

func (b *bench) types(room, conn string, on bool) {
	b.t.Helper()
	if err := b.Type(room, conn, on); err != nil {
		b.t.Errorf("Type: %v", err)
	}
}

func TestTyping(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.enter("go", "ann", "c2")
		b.settle()
		b.types("GO", "c1", true)
		b.types("go", "c1", true)
		b.types("go", "c2", true)
		b.wantTold("three times at once", "0s go typing ann true")
		time.Sleep(6 * time.Second)
		b.wantTold("nothing heard since", "6s go typing ann false")
		time.Sleep(time.Hour)
		b.wantTold("later")

		b.types("go", "c1", false)
		b.wantTold("ending what is not")
		b.types("go", "c1", true)
		b.types("go", "c1", false)
		b.wantTold("on and off", "3606s go typing ann true", "3606s go typing ann false")
	})
}

func TestTypingIsRepeated(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.settle()
		for range 10 { // each second
			b.types("go", "c1", true)
			time.Sleep(time.Second)
		}
		b.wantTold("for those who come later", "0s go typing ann true", "3s go typing ann true", "6s go typing ann true", "9s go typing ann true")
		time.Sleep(5 * time.Second)
		b.wantTold("6 s after the last", "15s go typing ann false")
	})
}

// TestTypingThrottled flickers without end: others see little of it.
func TestTypingThrottled(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.settle()
		for range 1000 { // 10 s
			b.types("go", "c1", true)
			b.types("go", "c1", false)
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if n := len(b.told.take()); n < 8 || n > 24 {
			t.Errorf("%d events of 2000, want about 20", n)
		}
	})
}

func TestTypingEnds(t *testing.T) {
	inBubble(t, chat.Options{}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.enter("go", "ann", "c2")
		b.settle()
		b.types("go", "c1", true)
		b.say("go", "c2", "1", "hello")
		b.wantTold("by a message", "0s go typing ann true", "0s go typing ann false", "0s go message 1 ann: hello")
		b.types("go", "c1", true)
		b.Leave("go", "c1")
		b.wantTold("not while a tab is here", "0s go typing ann true")
		b.Leave("go", "c2")
		b.wantTold("by leaving", "0s go typing ann false")
		time.Sleep(time.Hour)
		b.wantTold("later", "10s go left ann (0)")
		wantCode(t, "typing outside", b.Type("go", "c1", true), chat.CodeNotHere)
		wantCode(t, "typing nowhere", b.Type("no room", "c1", true), chat.CodeBadRoom)
	})
}

func TestTypingInACrowd(t *testing.T) {
	inBubble(t, chat.Options{TypingPeople: 2}, func(t *testing.T, b *bench) {
		for i := range 3 {
			b.enter("go", fmt.Sprint("p", i), fmt.Sprint("c", i))
		}
		b.settle()
		b.types("go", "c0", true)
		b.wantTold("three are too many")
		b.Leave("go", "c2")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		b.types("go", "c0", true)
		b.wantTold("two are not", "10s go left p2 (2)", "10s go typing p0 true")
	})
	inBubble(t, chat.Options{TypingPeople: -1}, func(t *testing.T, b *bench) {
		b.enter("go", "ann", "c1")
		b.settle()
		b.types("go", "c1", true)
		b.wantTold("never")
	})
}
