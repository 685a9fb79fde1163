package loadgen

import (
	"math"
	"time"
)

// A Result is what one phase measured. As JSON it is one object; its keys have
// their unit at the end, and what could not be measured is absent.
type Result interface {
	// Histogram is that of the latencies, nil if the phase has none.
	Histogram() *Histogram
	// Title is the phase in words.
	Title() string
	// Rows are its figures in words.
	Rows() []Row
}

// Head is common to all results.
type Head struct {
	Phase string `json:"phase"`
	N     int    `json:"n"` // connections
	// Interrupted: the phase did not come to its end, and counts what there was until then.
	Interrupted bool `json:"interrupted,omitempty"`
}

// IdleResult is what connecting cost and what the connections hold.
type IdleResult struct {
	Head
	Transport    string  `json:"transport"`
	ConnectsPerS float64 `json:"connects_per_s"`
	*Memory
}

// Memory is of the server's process, in bytes. SlabPerConn is of the kernel, for
// both ends, and rough: other things are in the slab too.
type Memory struct {
	CPUPerConn       float64 `json:"cpu_us_per_conn"` // microseconds
	RSSBase          int64   `json:"rss_base"`        // before the first connection
	RSSPerConn       float64 `json:"rss_per_conn"`
	CollectedPerConn float64 `json:"collected_per_conn"` // after SIGUSR2; 0 when it was not asked for
	SlabPerConn      float64 `json:"slab_per_conn"`
}

// BroadcastResult is of the modes broadcast and polling. A latency is from the
// asking for a burst to the receipt of one message by one client.
type BroadcastResult struct {
	Head
	Burst      int `json:"burst"`
	Bytes      int `json:"bytes"`
	Dead       int `json:"dead"`
	Deliveries int `json:"deliveries"`
	Traffic
}

// EchoResult is of the mode echo. A latency is from the request to its
// acknowledgement.
type EchoResult struct {
	Head
	Bytes    int `json:"bytes"`
	Requests int `json:"requests"`
	Traffic
}

// ChatResult is of the mode chat. A latency is from the saying to the receipt by
// one member.
type ChatResult struct {
	Head
	Room       int     `json:"room"`
	SayPerS    float64 `json:"say_per_s"` // of one member
	Said       int     `json:"said"`
	Deliveries int     `json:"deliveries"`
	Traffic
}

// StormResult is of the mode storm. A latency is from the cut of a connection to
// the moment when its client is served again, which is when its CONNECT is answered.
type StormResult struct {
	Head
	AtOnce        int     `json:"at_once"` // handshakes under way at most, 0: all
	ReconnectsPer float64 `json:"reconnects_per_s"`
	*Handshakes
	Latency
}

// Handshakes are what coming back cost the server's process. The closing of the
// old connections is in it.
type Handshakes struct {
	CPUPerHandshake float64 `json:"cpu_us_per_handshake"` // microseconds
	RSSEnd          int64   `json:"rss_end"`              // bytes
}

// Traffic is common to the phases with messages.
type Traffic struct {
	PerS     float64 `json:"per_s"`     // deliveries or acknowledgements
	LoadBusy float64 `json:"load_busy"` // the CPUs that this process uses; near 1 the generator is the bottleneck
	*Cost
	Latency
}

// Cost is of the server's process.
type Cost struct {
	CPUPerMillion   float64 `json:"cpu_s_per_million"` // seconds for a million deliveries or acknowledgements
	SysShare        float64 `json:"sys_share"`         // of it in the kernel
	ServerBusy      float64 `json:"server_busy"`       // CPUs in use
	SwitchesPer1000 float64 `json:"switches_per_1000"`
	RSSEnd          int64   `json:"rss_end"` // bytes
}

// Latency is of each delivery, acknowledgement or handshake, in microseconds.
type Latency struct {
	P50  float64 `json:"p50_us"`
	P90  float64 `json:"p90_us"`
	P99  float64 `json:"p99_us"`
	P999 float64 `json:"p999_us"`
	Max  float64 `json:"max_us"`
	all  *Histogram
}

// Histogram implements Result.
func (l *Latency) Histogram() *Histogram { return l.all }

// Histogram implements Result.
func (*IdleResult) Histogram() *Histogram { return nil }

func latencyOf(h *Histogram) Latency {
	us := func(p float64) float64 { return float64(h.Percentile(p)) / float64(time.Microsecond) }
	return Latency{P50: us(50), P90: us(90), P99: us(99), P999: us(99.9), Max: us(100), all: h}
}

// per divides to three digits after the point, which is more than anything here
// is exact to. By nothing it is 0: JSON has no infinity.
func per(value, by float64) float64 {
	if by <= 0 {
		return 0
	}
	return math.Round(1000*value/by) / 1000
}
