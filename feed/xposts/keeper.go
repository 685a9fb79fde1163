package xposts

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"rightnow/feed"
)

const (
	// clearAgain is when rules are deleted that could not be.
	clearAgain = 30 * time.Second
	// leaveWithin bounds the deletion of rules when Run ends.
	leaveWithin = 700 * time.Millisecond
)

// keeper keeps the rules in step with what is wanted. All methods may be called
// concurrently: they take turns.
type keeper struct {
	api *api
	o   *Options
	log *slog.Logger

	turn chan struct{} // holds one: whoever has it owns what follows
	bad  map[string]bool
	some bool // there may be rules of ours
	told bool // that there are rules of others
}

func newKeeper(a *api, o *Options) *keeper {
	k := &keeper{api: a, o: o, log: o.Logger, turn: make(chan struct{}, 1), bad: map[string]bool{}}
	k.turn <- struct{}{}
	return k
}

// take waits for the turn.
func (k *keeper) take(ctx context.Context) error {
	select {
	case <-k.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (k *keeper) give() { k.turn <- struct{}{} }

// set has X have the rules for a filter and no other of ours. It returns how many
// they are.
func (k *keeper) set(ctx context.Context, f feed.Filter) (int, error) {
	if err := k.take(ctx); err != nil {
		return 0, err
	}
	defer k.give()
	ending := k.o.ending(f.Langs)
	for tried := 0; ; tried++ {
		left := slices.DeleteFunc(clauses(f), func(c string) bool { return k.bad[c] })
		want := pack(left, ending)
		wrong, err := k.change(ctx, want)
		if err != nil || len(wrong) == 0 || tried == 2 {
			return len(want), err
		}
		if err := k.learn(ctx, wrong, ending); err != nil {
			return 0, err
		}
	}
}

// change adds what is missing, then deletes what is too much, so that there is no
// moment without. It returns those that X does not take.
func (k *keeper) change(ctx context.Context, want []rule) (wrong []rule, err error) {
	have, err := k.list(ctx)
	if err != nil {
		return nil, err
	}
	same := func(a []rule, r rule) bool {
		return slices.ContainsFunc(a, func(b rule) bool { return b.Value == r.Value })
	}
	var add []rule
	for _, r := range want {
		if !same(have, r) {
			add = append(add, r)
		}
	}
	var ids []string
	for _, r := range have {
		if !same(want, r) {
			ids = append(ids, r.ID)
		}
	}
	if len(have)+len(add) > maxRules { // no room for both
		if err := k.api.delete(ctx, ids); err != nil {
			return nil, err
		}
		ids = nil
	}
	if wrong, err = k.api.add(ctx, add, false); err != nil {
		return nil, err
	}
	k.some = k.some || len(add) > 0
	return wrong, k.api.delete(ctx, ids)
}

// list returns our rules.
func (k *keeper) list(ctx context.Context) ([]rule, error) {
	all, err := k.api.rules(ctx)
	if err != nil {
		return nil, err
	}
	ours := slices.DeleteFunc(slices.Clone(all), func(r rule) bool { return !r.ours() })
	if others := len(all) - len(ours); others > 0 && !k.told {
		k.told = true
		k.log.Warn("x: the app has rules that are not ours, and pays for what they bring", "rules", others)
	}
	k.some = len(ours) > 0
	return ours, nil
}

// learn finds out which clauses spoil rules, by asking for each without effect.
func (k *keeper) learn(ctx context.Context, wrong []rule, ending string) error {
	var single []rule
	for _, r := range wrong {
		for _, c := range r.clauses {
			single = append(single, newRule([]string{c}, ending))
		}
	}
	refused, err := k.api.add(ctx, single, true)
	if err != nil {
		return err
	}
	if len(refused) == 0 { // each is good, but not together
		refused = single
	}
	for _, r := range refused {
		k.bad[r.clauses[0]] = true
		k.log.Warn("x: a phrase cannot be tracked there", "phrase", r.clauses[0])
	}
	return nil
}

// clear deletes all rules of ours if nothing is wanted, and returns when to try
// again; 0: not before something is.
func (k *keeper) clear(ctx context.Context, want *feed.Want) time.Duration {
	if k.take(ctx) != nil {
		return 0
	}
	defer k.give()
	if filter, _ := want.Load(); !filter.Empty() {
		return 0
	}
	_, err := k.change(ctx, nil)
	var fatal *feed.Fatal
	var status *feed.StatusError
	switch {
	case err == nil, errors.As(err, &fatal), ctx.Err() != nil:
		return 0
	case errors.As(err, &status):
		return feed.Jitter(max(clearAgain, time.Until(status.After)))
	}
	return feed.Jitter(clearAgain)
}

// leave deletes our rules at the end of Run, as far as that is quickly done.
func (k *keeper) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	if k.take(ctx) != nil {
		return
	}
	defer k.give()
	if !k.some {
		return
	}
	if _, err := k.change(ctx, nil); err != nil {
		k.log.Warn("x: rules are left; they are deleted at the next start", "error", err)
	}
}
