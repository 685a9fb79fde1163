package socketio

// dispatch handles one event of the client: the functions of OnAny, the middlewares, and what
// is registered for the event. It runs on the socket's goroutine.
func (s *Socket) dispatch(e *Event) {
	s.mu.Lock()
	var incoming []*func(*Event)
	var uses []*func(*Event) error
	if s.hooks != nil {
		incoming, uses = s.hooks.incoming, s.hooks.uses
	}
	s.mu.Unlock()
	if ws := s.nsp.srv.watching(); ws != nil {
		ws.received(e)
	}
	s.callEventHooks("OnAny", incoming, e)
	for _, f := range uses {
		if err := s.guard("Use", func() error { return (*f)(e) }); err != nil {
			s.report(err)
			return
		}
	}
	for _, h := range s.registered() {
		if h.event == e.name && (!h.once || s.removeHandler(h)) {
			s.handle(h, e)
		}
	}
}

func (s *Socket) callEventHooks(where string, hooks []*func(*Event), e *Event) {
	for _, f := range hooks {
		if err := s.guard(where, func() error { (*f)(e); return nil }); err != nil {
			s.report(err)
		}
	}
}

// handle runs one handler and makes the acknowledgement of what it returns.
func (s *Socket) handle(h *handler, e *Event) {
	var results []any
	err := s.guard(e.name, func() (err error) {
		results, err = h.call(e)
		return err
	})
	switch {
	case err != nil:
		s.handlerFailed(h, e, err)
	case h.answers():
		if err := e.reply(results...); err != nil && s.Connected() {
			s.report(err)
			e.replyError(ClientError{Message: internalError})
		}
	}
}

// handlerFailed tells the client and the hooks of an error that a handler returned, of
// arguments that did not fit it, or of a panic.
func (s *Socket) handlerFailed(h *handler, e *Event, err error) {
	made, ok := asClientError(err)
	switch err := err.(type) {
	case *ArgumentError:
		made, ok = argumentRefused(err), false
	case *PanicError:
		made, ok = ClientError{Message: internalError}, false
	default:
		if !ok {
			made = ClientError{Message: internalError}
		}
	}
	if !ok || !e.wantsAck {
		s.report(inHandler(e.name, err))
	}
	if h.mayAnswer() {
		e.replyError(made)
	}
}

// inHandler says where an error comes from, unless it says so itself.
func inHandler(event string, err error) error {
	switch err.(type) {
	case *ArgumentError, *PanicError:
		return err
	}
	return &HandlerError{Event: event, Err: err}
}
