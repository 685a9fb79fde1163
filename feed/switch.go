package feed

// Switch switches a source off, or on again, while the Router runs or before: the
// kill switch of whoever is responsible for what is shown. One that is off is not
// connected, nothing of it is looked at, be it injected, and what owners were shown of it is hidden
// from them, since nobody would tell of deletions. One that has failed is tried
// anew when it is switched off and on. It reports false when there is no source of
// this name. That is remembered for as long as the Router lives.
func (r *Router) Switch(source string, on bool) bool {
	for _, f := range r.feeders {
		if f.name == source {
			if f.turn(on) && !on {
				r.hideSource(f)
			}
			return true
		}
	}
	return false
}

// turn reports whether that changed anything.
func (f *feeder) turn(on bool) bool {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	if f.inbox.off[f.name] == !on {
		return false
	}
	f.inbox.off[f.name] = !on
	close(f.turned)
	f.turned = make(chan struct{})
	return true
}

// isOff also returns a channel that is closed when that changes.
func (f *feeder) isOff() (bool, <-chan struct{}) {
	f.inbox.mu.Lock()
	defer f.inbox.mu.Unlock()
	return f.inbox.off[f.name], f.turned
}

func (r *Router) hideSource(f *feeder) {
	defer r.wakeUp()
	r.mu.Lock()
	defer r.mu.Unlock()
	all := Ref{Source: f.name}
	for o := range r.holding {
		if all.Means(o.held.post) {
			r.unhold(o)
			o.meter.skip(SkipOff)
		}
	}
	r.tellHidden(r.discard(r.shelf.meant(all)), all)
}
