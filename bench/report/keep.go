package report

import (
	"fmt"
	"strings"
)

// A part that people write stands between two lines:
//
//	<!-- by hand: NAME -->
//	<!-- end by hand -->
const (
	handBegin = "<!-- by hand: "
	handClose = " -->"
	handEnd   = "<!-- end by hand -->"
)

// handwritten finds the parts of a page that people wrote, by their names. An
// unclear page is an error, so that nothing that somebody wrote gets lost.
func handwritten(page string) (map[string]string, error) {
	parts := map[string]string{}
	name, inside := "", false
	for number, line := range strings.Split(page, "\n") {
		marker := strings.TrimSpace(line)
		begins := strings.HasPrefix(marker, handBegin) && strings.HasSuffix(marker, handClose)
		switch {
		case begins && inside, !begins && !inside && marker == handEnd:
			return nil, fmt.Errorf("line %d: %s without its counterpart before it", number+1, marker)
		case begins:
			name = strings.TrimSuffix(strings.TrimPrefix(marker, handBegin), handClose)
			if _, twice := parts[name]; twice {
				return nil, fmt.Errorf("line %d: a second part %q", number+1, name)
			}
			parts[name], inside = "", true
		case inside && marker == handEnd:
			inside = false
		case inside:
			parts[name] += line + "\n"
		}
	}
	if inside {
		return nil, fmt.Errorf("no %s behind %q", handEnd, name)
	}
	return parts, nil
}

// byHand is such a part as it stands in a page.
func byHand(name, text string) string {
	return handBegin + name + handClose + "\n" + text + handEnd
}
