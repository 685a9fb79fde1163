package results

import "slices"

// Key says which numbers are meant: a field of a phase of a measurement.
type Key struct {
	Measurement string // the Planned's name
	Variant     string
	Phase       string
	Burst       int // of a broadcast, 0 for any
	Field       string
}

// Missing says why there is no number of a server.
type Missing struct{ Server, Reason string }

func (m *Missing) Error() string { return m.Server + ": " + m.Reason }

// Values are the numbers of one server, of each repetition that has them, in
// the order of time.
func (s *Set) Values(server string, k Key) (values []float64) {
	for _, m := range s.Measurements {
		if value, ok := m.value(server, k); ok {
			values = append(values, value)
		}
	}
	return values
}

func (m *Measurement) value(server string, k Key) (float64, bool) {
	if m.Server != server || m.Name != k.Measurement || m.Variant != k.Variant {
		return 0, false
	}
	for _, p := range m.Phases {
		if p.Name == k.Phase && (k.Burst == 0 || int(p.Values["burst"]) == k.Burst) {
			value, ok := p.Values[k.Field]
			return value, ok
		}
	}
	return 0, false
}

// Median is the median of a server's numbers; the error is a *Missing.
func (s *Set) Median(server string, k Key) (float64, error) {
	values := s.Values(server, k)
	if len(values) == 0 {
		return 0, s.whyMissing(server, k)
	}
	return median(values), nil
}

// Ratio is one server's median over another's; the error is a *Missing.
func (s *Set) Ratio(server, over string, k Key) (float64, error) {
	mine, err := s.Median(server, k)
	if err != nil {
		return 0, err
	}
	theirs, err := s.Median(over, k)
	switch {
	case err != nil:
		return 0, err
	case theirs == 0:
		return 0, &Missing{over, k.Field + " is 0"}
	}
	return mine / theirs, nil
}

// PairRatio is the median of the ratios that one server's field has between
// two variants measured one after the other; the error is a *Missing.
func (s *Set) PairRatio(server string, k Key, with, without string) (float64, error) {
	ratios := []float64{}
	for _, pair := range s.Pairs(server, k, with, without) {
		if pair[1] != 0 {
			ratios = append(ratios, pair[0]/pair[1])
		}
	}
	if len(ratios) == 0 {
		k.Variant = with
		return 0, s.whyMissing(server, k)
	}
	return median(ratios), nil
}

// Pairs are the field's values in two variants, of each repetition that has
// both.
func (s *Set) Pairs(server string, k Key, with, without string) (pairs [][2]float64) {
	values := map[string]map[int]float64{with: {}, without: {}}
	last := -1
	for _, m := range s.Measurements {
		k.Variant = m.Variant
		if value, ok := m.value(server, k); ok && values[m.Variant] != nil {
			values[m.Variant][m.Rep] = value
			last = max(last, m.Rep)
		}
	}
	for rep := range last + 1 {
		mine, ok := values[with][rep]
		other, both := values[without][rep]
		if ok && both {
			pairs = append(pairs, [2]float64{mine, other})
		}
	}
	return pairs
}

// whyMissing finds the reason that a person can act on.
func (s *Set) whyMissing(server string, k Key) *Missing {
	for _, srv := range s.Run.Servers {
		if srv.Name == server && srv.Problem != "" {
			return &Missing{server, "could not be built"}
		}
	}
	reason := "not measured"
	for _, m := range s.Measurements {
		if m.Server != server || m.Name != k.Measurement || m.Variant != k.Variant {
			continue
		}
		if m.Error != "" {
			return &Missing{server, "failed: " + m.Error}
		}
		reason = "the load said no " + k.Field
	}
	return &Missing{server, reason}
}

// median is the middle of the values, of which there is at least one; the mean
// of the middle two when their number is even.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
