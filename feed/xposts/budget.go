package xposts

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"rightnow/feed"
)

// price is what X asks for a post, in dollars, as of 2026.
const price = 0.005

// budget counts the posts of a day. All methods may be called concurrently.
type budget struct {
	limit int // fixed at creation

	mu    sync.Mutex // guards following
	day   string     // of UTC
	spent int
}

func dayOf(now time.Time) string { return now.UTC().Format(time.DateOnly) }

// renewal is when the next day begins.
func renewal(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour) }

// turnLocked begins a new day when there is one. b.mu must be held.
func (b *budget) turnLocked(now time.Time) {
	if day := dayOf(now); day != b.day {
		b.day, b.spent = day, 0
	}
}

// spend counts a post.
func (b *budget) spend(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turnLocked(now)
	b.spent++
}

// over tells whether nothing is left for today.
func (b *budget) over(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turnLocked(now)
	return b.spent >= b.limit
}

func (b *budget) spending(now time.Time) feed.Spending {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turnLocked(now)
	return feed.Spending{Posts: b.spent, Budget: b.limit, Dollars: float64(b.spent) * price, Renews: renewal(now)}
}

// cursor is the day and what was spent in it.
func (b *budget) cursor() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.day + " " + strconv.Itoa(b.spent)
}

// restore takes what an earlier process has spent today. It never forgives.
func (b *budget) restore(cursor string, now time.Time) {
	day, count, _ := strings.Cut(cursor, " ")
	spent, err := strconv.Atoi(count)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turnLocked(now)
	if err == nil && day == b.day {
		b.spent = max(b.spent, spent)
	}
}

// bill says in a sentence what was spent.
func bill(s feed.Spending) string {
	return fmt.Sprintf("%d of today's %d posts are bought, for about $%.2f.", s.Posts, s.Budget, s.Dollars)
}
