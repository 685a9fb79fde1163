package loadgen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Run connects the clients, has them do what the options say, and tells OnResult
// of each phase. It returns an *OptionError for options that make no sense, and
// otherwise an error that says in which phase, and how far in it, something went
// wrong. When ctx ends Run does so at once; a phase that had begun to count is
// told as an interrupted one. All connections are closed when Run returns.
func Run(ctx context.Context, o Options) error {
	if err := o.Check(); err != nil {
		return err
	}
	if err := checkFiles(&o); err != nil {
		return err
	}
	u, err := o.base()
	if err != nil {
		return err
	}
	server, err := resolve(ctx, u)
	if err != nil {
		return err
	}
	s, err := newSwarm(ctx, &o, server, u.Host)
	if err != nil {
		return err
	}
	defer s.close()
	return s.run()
}

func (s *swarm) run() error {
	if err := tell(s.o, s.idle); err != nil {
		return err
	}
	switch s.o.Mode {
	case Broadcast, Polling:
		return s.broadcasts()
	case Echo:
		return s.echoes()
	case Chat:
		return tell(s.o, s.chat)
	case Storm:
		return tell(s.o, s.storm)
	}
	return nil
}

// tell runs a phase and tells its result, that of an interrupted one too.
func tell[R any, P interface {
	*R
	Result
}](o *Options, phase func() (P, error)) error {
	r, err := phase()
	if r != nil && (err == nil || errors.Is(err, errInterrupted)) && o.OnResult != nil {
		o.OnResult(r)
	}
	return err
}

// checkFiles wants room for all connections among the process's open files.
func checkFiles(o *Options) error {
	const others = 16 // standard streams, /proc, epoll, what the runtime has
	need := uint64(o.Connections + o.Dead + others)
	if o.Mode == Polling {
		need += uint64(o.Connections) // for POSTs
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	if need > limit.Cur {
		return fmt.Errorf("%s connections need %s open files, and `ulimit -n` allows %s: raise it, for the server too, or measure with several at a time, each with a --source of its own",
			grouped(o.Connections+o.Dead), grouped(int(need)), grouped(int(limit.Cur)))
	}
	return nil
}

// resolve finds the address of the server, an IPv4 one if there is a choice.
func resolve(ctx context.Context, u *url.URL) (netip.AddrPort, error) {
	port := uint64(80)
	if text := u.Port(); text != "" {
		var err error
		if port, err = strconv.ParseUint(text, 10, 16); err != nil || port == 0 {
			return netip.AddrPort{}, &OptionError{"URL", fmt.Sprintf("%q is no port", text)}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address of the server: %w", err)
	}
	best := addrs[0].Unmap()
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() && !best.Is4() {
			best = a
		}
	}
	return netip.AddrPortFrom(best, uint16(port)), nil
}
